"""Runs in two gloo processes, compared with runs in this process."""

import csv
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.runs.lock import is_locked
from hdr_lightning.training.experiment import run
from hdr_lightning.training.ranks import is_rank, launch
from hdr_lightning.training.stopping import Stopped
from tests.waiting import wait_until

Config = Callable[..., dict[str, Any]]
ODD = (
    "data.val_fraction=0.375",
    "data.test_fraction=0.375",
    "data.patches=random",
    "data.patches_per_epoch=11",
)
"""Three scenes to validate, three to test; batches of 4, 4 and 3 patches."""


def rows(file: Path) -> list[dict[str, str]]:
    with file.open() as stream:
        return list(csv.DictReader(stream))


def numbers(file: Path) -> list[dict[str, float]]:
    """Without the time, and how much was clipped, which a rounding error at a white pixel decides."""
    without = {"seconds", "train/clipped"}
    return [{k: float(v) for k, v in row.items() if k not in without} for row in rows(file)]


@pytest.mark.slow
def test_two_ranks_train_as_one_process(config: Config, tmp_path: Path) -> None:
    """In float64, because batch normalisation and ReLU let the rounding of float32 grow from step to step."""
    settings = (*ODD, "data.augment=true", "trainer.precision=64-true", "pictures=2")
    run(config(*settings), tmp_path / "one")
    best = launch(config(*settings, "trainer=ddp_cpu", "logger=wandb"), tmp_path / "two")

    one, two = (numbers(tmp_path / name / "history.csv") for name in ("one", "two"))
    assert len(one) == len(two) == 2
    for alone, together in zip(one, two, strict=True):
        assert together == pytest.approx(alone, abs=2e-6)
    for file, score in (("scores.csv", "mef_ssim"), ("val_scores.csv", "mef_ssim")):
        alone, together = (
            {tuple(v for k, v in row.items() if k != score): float(row[score]) for row in rows(folder / file)}
            for folder in (tmp_path / "one", tmp_path / "two")
        )
        assert len(together) == (9 if file == "scores.csv" else 3)
        assert together == pytest.approx(alone, abs=2e-6)
    assert best == pytest.approx(max(row["val/mef_ssim"] for row in two), abs=1e-6)

    def pictures(name: str) -> list[Path]:
        return sorted(
            file.relative_to(tmp_path / name) for file in (tmp_path / name / "images").rglob("*.png")
        )

    assert pictures("two") == pictures("one")
    assert len(list((tmp_path / "two" / "wandb").glob("offline-run-*"))) == 1
    assert yaml.safe_load((tmp_path / "two" / "run.yaml").read_text())["state"] == "finished"


SABOTEUR = """
import os
from multiprocessing import parent_process
from pathlib import Path
from hdr_lightning.losses import WeightedSSIMLoss

class Saboteur(WeightedSSIMLoss):
    def __init__(self, code, rank, **settings):
        super().__init__(**settings)
        self.code, self.rank, self.calls = code, rank, 0

    def forward(self, fused, exposures):
        self.calls += 1
        if self.calls == 3 and os.environ.get("RANK") == str(self.rank):
            exec(self.code)
        return super().forward(fused, exposures)
"""


@pytest.fixture
def sabotaged(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Composes a run that executes a line of code in the third step of a rank."""
    (tmp_path / "saboteur.py").write_text(SABOTEUR)
    monkeypatch.syspath_prepend(tmp_path)

    def composed(*overrides: str, code: str, rank: int) -> dict[str, Any]:
        settings = config(*ODD, *overrides)
        settings["loss"] |= {"_target_": "saboteur.Saboteur", "code": code, "rank": rank}
        return settings

    return composed


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_fails_ends_the_others_and_tells_why(
    rank: int, sabotaged: Config, brackets: Path, tmp_path: Path
) -> None:
    """The photograph of a scene that one rank alone validates on is gone once the training has begun."""
    scene = ("scene_1", "scene_7")[rank]
    file = brackets / scene / "1.png"
    settings = sabotaged("trainer=ddp_cpu", code=f"Path({str(file)!r}).unlink()", rank=rank)
    started = time.monotonic()
    with pytest.raises(InputError, match=f"Expected an image file. Got {file}"):
        launch(settings, tmp_path / "run")
    assert time.monotonic() - started < 60
    record = yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())
    assert record["state"] == "failed" and str(file) in record["reason"]


@pytest.mark.slow
def test_ranks_stop_together_and_one_process_goes_on(
    sabotaged: Config, config: Config, tmp_path: Path
) -> None:
    """The signal reaches the process that started them, as `kill` sends it. One scene is to validate on."""
    network = ("model=bandnet", "blending=multiband")
    settings = (*network, "data.patches_per_epoch=27", "data.val_fraction=0.1")
    run(config(*ODD, *settings), tmp_path / "whole")
    sabotage = {"code": "os.kill(parent_process().pid, 15)", "rank": 1}
    with pytest.raises(Stopped, match="143"):
        launch(sabotaged(*settings, "trainer=ddp_cpu", **sabotage), tmp_path / "run")
    assert yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())["state"] == "interrupted"
    step = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["global_step"]
    assert 3 <= step < 7
    run(sabotaged(*settings, "resume=true", **sabotage), tmp_path / "run")
    whole, parts = (numbers(tmp_path / name / "history.csv") for name in ("whole", "run"))
    for one, other in zip(whole, parts, strict=True):
        assert other == pytest.approx(one, abs=2e-6)


@pytest.mark.slow
def test_ranks_end_with_the_process_that_started_them(config: Config, tmp_path: Path) -> None:
    """It is killed, and cannot tell them."""
    network = ("model=bandnet", "blending=multiband")
    settings = config(*network, "trainer=ddp_cpu", "data.patches_per_epoch=4000", "checkpoint_minutes=0")
    context = get_context("forkserver")
    context.set_forkserver_preload(["hdr_lightning.training.experiment"])
    started = context.Process(target=launch, args=(settings, tmp_path))
    started.start()
    try:
        wait_until((tmp_path / "checkpoints" / "last.ckpt").exists)
    finally:
        started.kill()
    wait_until(lambda: not is_locked(tmp_path))
    assert yaml.safe_load((tmp_path / "run.yaml").read_text())["state"] == "interrupted"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            ["trainer=ddp_cpu", "trainer.num_nodes=2"],
            "trainer.num_nodes=2: Expected a process for every device",
        ),
        (["trainer=ddp_cpu", "trainer.strategy=ddp_spawn"], "trainer.strategy: Expected one of auto, ddp"),
        (["trainer=cpu", "trainer.devices=2", "trainer.strategy=fsdp"], "Got fsdp for 2 devices"),
        (["trainer=gpu", "trainer.devices='0,1,2'", "trainer.strategy=fsdp"], "Got fsdp for 3 devices"),
        (["trainer=gpu", "trainer.devices=[0,1]", "trainer.strategy=fsdp"], "Got fsdp for 2 devices"),
    ],
)
def test_what_cannot_work_is_refused_at_once(
    overrides: list[str], expected: str, config: Config, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=expected):
        launch(config(*overrides), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_processes_of_torchrun_and_of_slurm_are_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_rank()
    monkeypatch.setenv(
        "SLURM_NTASKS", "2"
    )  # a batch script, or an interactive job, which srun has not started
    assert not is_rank()
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "2")
    assert is_rank()
    monkeypatch.delenv("SLURM_STEP_NUM_TASKS")
    monkeypatch.setenv("RANK", "0")
    assert is_rank()
