"""Runs as training leaves them, written by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A folder for runs."""
    return tmp_path / "sweep"


@pytest.fixture
def write_run(sweep: Path) -> Callable[..., Path]:
    """Writes a run of two epochs: its curve, its score on the test scenes a and b, its settings."""

    def written(
        name: str,
        gamma: str = "var",
        seed: int = 0,
        curve: tuple[float, ...] = (0.8, 0.9),
        test: dict[str, float] | None = None,
        state: str = "finished",
        **settings: object,
    ) -> Path:
        folder = sweep / name
        folder.mkdir(parents=True)
        record = {"state": state, "reason": None, "parameters": 100, "seconds": 5.0}
        config = {
            "seed": seed,
            "run_dir": str(folder),
            "loss": {"_target_": "x", "gamma": {"cues": gamma.split("_")}},
            "optimizer": {"lr": 0.001},
            "trainer": {"max_epochs": 2},
            "choices": {"loss": "weighted_ssim", "loss.gamma": gamma, "optimizer": "adam"},
            **settings,
        }
        (folder / "run.yaml").write_text(yaml.safe_dump(record))
        (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        rows = [f"{epoch},{60 * (epoch + 1)},{value}" for epoch, value in enumerate(curve)]
        (folder / "history.csv").write_text("\n".join(["epoch,seconds,val/mef_ssim", *rows]) + "\n")
        (folder / "val_scores.csv").write_text("epoch,scene,mef_ssim\n1,v,0.75\n")
        scores = [f"trained,{scene},{score}" for scene, score in (test or {}).items()]
        plain = [f"average,{scene},0.5" for scene in test or {}]
        if test is not None:
            (folder / "scores.csv").write_text("\n".join(["method,scene,mef_ssim", *plain, *scores]) + "\n")
        return folder

    return written
