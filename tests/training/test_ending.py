"""Trainings that end before their last epoch, and runs in two starts that end as in one."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]


def history(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "history.csv").open() as stream:
        return [row | {"seconds": ""} for row in csv.DictReader(stream)]


def steps(run_dir: Path) -> int:
    return int(torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)["global_step"])


@pytest.mark.parametrize(
    "words",
    [
        # no score rises by 1, so the validation of the second epoch halves the rate
        ("scheduler=plateau", "scheduler.patience=0", "scheduler.threshold=1"),
        ("trainer.max_steps=5", "data.patches=random", "data.augment=true"),
    ],
    ids=["plateau", "steps"],
)
def test_run_in_two_starts_is_that_of_one(words: tuple[str, ...], config: Config, tmp_path: Path) -> None:
    run(config(*words, "trainer.max_epochs=3"), tmp_path / "one")
    for epochs in (1, 3):
        run(config(*words, f"trainer.max_epochs={epochs}", "resume=true"), tmp_path / "two")
    one, two = (history(tmp_path / name) for name in ("one", "two"))
    assert one == two
    assert len({row["lr"] for row in one}) > 1
    assert len({row["train/loss"] for row in one}) == 3


def test_training_ends_after_so_many_steps(config: Config, tmp_path: Path) -> None:
    """Two of them make an epoch; the last one, which is not whole, is validated too."""
    words = ("trainer.max_epochs=-1", "resume=true")
    run(config(*words, "trainer.max_steps=3"), tmp_path / "run")
    assert steps(tmp_path / "run") == 3
    assert [bool(row["val/mef_ssim"]) for row in history(tmp_path / "run")] == [True, True]
    run(config(*words, "trainer.max_steps=3", "trainer.limit_test_batches=1"), tmp_path / "run")
    assert steps(tmp_path / "run") == 3
    run(config(*words, "trainer.max_steps=5"), tmp_path / "run")
    assert steps(tmp_path / "run") == 5


def test_training_that_was_stopped_early_is_not_taken_up_again(config: Config, tmp_path: Path) -> None:
    words = ["callbacks=early_stopping", "callbacks.early_stopping.patience=1", "optimizer.lr=1e-9"]
    words += ["callbacks.early_stopping.min_delta=1", "trainer.max_epochs=5", "resume=true"]
    run(config(*words), tmp_path / "run")
    assert len(history(tmp_path / "run")) == 2
    run(config(*words, "trainer.limit_test_batches=1"), tmp_path / "run")
    assert len(history(tmp_path / "run")) == 2


def test_patience_may_change_between_two_starts(config: Config, tmp_path: Path) -> None:
    words = ["callbacks=early_stopping", "optimizer.lr=1e-9", "callbacks.early_stopping.min_delta=1"]
    words += ["trainer.max_epochs=8", "resume=true"]
    for patience, epochs in ((1, 2), (3, 4), (2, 4)):
        run(config(*words, f"callbacks.early_stopping.patience={patience}"), tmp_path / "run")
        assert len(history(tmp_path / "run")) == epochs
