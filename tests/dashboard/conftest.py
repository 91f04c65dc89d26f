from collections.abc import Callable
from pathlib import Path

import pytest
import wandb
from PIL import Image


@pytest.fixture
def log_run() -> Callable[..., None]:
    """Logs an offline run by W&B itself: its folder, identity and losses."""
    return _log


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TRACKIO_DIR", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")  # set anew by the replay, and put back after the test
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "runs").mkdir()
    _log(tmp_path / "runs", "aa", [0.5, 0.25])
    return tmp_path / "runs"


def _log(folder: Path, identity: str, losses: list[float], first_step: int = 0) -> None:
    settings = wandb.Settings(silent=True, console="off")
    config = {"loss": {"gamma": identity}, "seed": 1}
    place = {"dir": str(folder), "project": "p", "group": "g", "name": f"run {identity}", "id": identity}
    with wandb.init(mode="offline", config=config, settings=settings, **place) as run:
        for step, loss in enumerate(losses, first_step):
            run.log({"train/loss": loss, "trainer/global_step": 10 * step})
        run.log({"panel": [wandb.Image(Image.new("RGB", (8, 6)))], "trainer/global_step": 10 * first_step})
        run.log({"scenes": wandb.Table(["scene", "score"], [["a", 0.5]])})
