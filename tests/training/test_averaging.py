from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]


def checkpoint(run_dir: Path, name: str) -> dict[str, Any]:
    return torch.load(run_dir / "checkpoints" / f"{name}.ckpt", weights_only=True)


def test_ema_is_what_is_kept_and_tested(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=ema", "callbacks.ema.decay=0.5", "model.inputs=stacked", "trainer.max_epochs=1")
    run(config(*words, "data.patches_per_epoch=8"), tmp_path / "run")
    held = checkpoint(tmp_path / "run", "last")
    name = next(name for name in held["state_dict"] if name.endswith("head.weight"))
    assert not torch.equal(held["state_dict"][name], held["current_model_state"][name])


def test_swa_is_the_mean_of_the_last_epochs(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=swa", "callbacks.swa.start=1", "optimizer=sgd", "optimizer.lr=0.01")
    run(config(*words, "trainer.max_epochs=2"), tmp_path / "two")
    held = checkpoint(tmp_path / "two", "last")
    averaged, current = held["state_dict"], held["current_model_state"]
    name = next(name for name in averaged if name.endswith("head.weight"))
    torch.testing.assert_close(averaged[name], current[name])  # one epoch counts
    run(config(*words, "trainer.max_epochs=3", "resume=true"), tmp_path / "two")
    later = checkpoint(tmp_path / "two", "last")
    mean = (current[name] + later["current_model_state"][name]) / 2
    torch.testing.assert_close(later["state_dict"][name], mean)


def test_average_of_the_weights_goes_on_after_an_interruption(config: Config, tmp_path: Path) -> None:
    """A run in two starts ends with the averages of one in a single start, bit for bit."""
    words = ("callbacks=ema", "callbacks.ema.decay=0.5", "scheduler=none", "data.patches_per_epoch=4")
    run(config(*words, "trainer.max_epochs=1"), tmp_path / "two")
    run(config(*words, "trainer.max_epochs=2", "resume=true"), tmp_path / "two")
    run(config(*words, "trainer.max_epochs=2"), tmp_path / "one")
    two, one = (checkpoint(tmp_path / name, "last")["state_dict"] for name in ("two", "one"))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=0)
