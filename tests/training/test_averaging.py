import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch

from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.training.averaging import EMA, SWA
from hdr_lightning.training.experiment import run
from hdr_lightning.training.stopping import Stopped

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


def test_checkpoint_within_an_epoch_has_the_average_of_its_own_step(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = WeightedSSIMLoss.forward

    def told_to_stop(*images: torch.Tensor) -> dict[str, torch.Tensor]:
        if torch.is_grad_enabled():  # in a step, not in the trial on noise
            os.kill(os.getpid(), signal.SIGTERM)
        return plain(*images)

    monkeypatch.setattr(WeightedSSIMLoss, "forward", told_to_stop)
    with pytest.raises(Stopped):
        run(config("callbacks=ema"), tmp_path / "run")
    held = checkpoint(tmp_path / "run", "last")
    assert (held["global_step"], held["averaging_state"]["n_averaged"]) == (1, 1)


class Counting(L.LightningModule):
    """A weight that counts its steps, and what it was at each validation."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = torch.nn.Parameter(torch.zeros(()))
        self.validated: list[float] = []

    def training_step(self, batch: torch.Tensor) -> torch.Tensor:
        return -self.steps

    def validation_step(self, batch: torch.Tensor) -> None:
        self.validated.append(self.steps.item())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=1)


def counted(callback: L.Callback, epochs: int, file: Path) -> tuple[list[float], float, float]:
    """A step an epoch: the weight at each validation, at the end, and in a checkpoint."""
    module, data = Counting(), torch.utils.data.DataLoader(torch.zeros(1, 1))
    options = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = L.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        callbacks=callback,
        enable_checkpointing=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        **options,
    )
    trainer.fit(module, data, data)
    trainer.save_checkpoint(file)
    kept = torch.load(file, weights_only=True)["state_dict"]["steps"]
    return module.validated, module.steps.item(), kept.item()


@pytest.mark.filterwarnings("ignore:.*does not have many workers", "ignore:.*treespec, LeafSpec")
@pytest.mark.parametrize(
    ("callback", "epochs", "validated", "left"),
    [
        (lambda: SWA(start=2), 4, [1, 2, 3, 3.5], 3.5),
        (lambda: SWA(start=0.5), 4, [1, 2, 3, 3.5], 3.5),
        (lambda: SWA(), 2, [1, 2], 2),
        (lambda: SWA(start=9), 2, [1, 2], 2),
        (lambda: EMA(decay=0.5, update_starting_at_step=2), 4, [1, 2, 3, 3.5], 3.5),
        (lambda: EMA(decay=0.5, update_starting_at_step=9), 2, [1, 2], 2),
    ],
)
def test_what_is_validated_and_left_is_the_weight_itself_until_there_is_an_average(
    callback: Callable[[], L.Callback], epochs: int, validated: list[float], left: float, tmp_path: Path
) -> None:
    assert counted(callback(), epochs, tmp_path / "last.ckpt") == (validated, left, left)
