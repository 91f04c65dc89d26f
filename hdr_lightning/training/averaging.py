"""Averages of the weights along the training, which is what is validated, kept and tested then."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import EMAWeightAveraging, WeightAveraging

from hdr_lightning.errors import InputError


class _Averaging(WeightAveraging):
    """Lightning's averages, which stand for the weights only once there are any.

    Lightning holds the weights from before the training until then, and would validate, keep and test these.
    """

    @property
    def _has_average(self) -> bool:
        return self._average_model is not None and bool(self._average_model.n_averaged > 0)

    def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._has_average:
            super().on_validation_epoch_start(trainer, pl_module)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._has_average:
            super().on_validation_epoch_end(trainer, pl_module)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._has_average:
            super().on_train_end(trainer, pl_module)

    def on_save_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        super().on_save_checkpoint(trainer, pl_module, checkpoint)
        if self._average_model is not None and not self._has_average:
            checkpoint["state_dict"] = checkpoint["current_model_state"]


class EMA(_Averaging, EMAWeightAveraging):
    """The exponential moving average of the weights after each step; options are Lightning's."""


class SWA(_Averaging):
    """The mean of the weights after each of the last epochs (Izmailov et al., UAI 2018).

    Args:
        start: The first epoch that counts, from 0; below 1 the part of all epochs that passes before, at most
            all but one.
        options: Of `lightning.pytorch.callbacks.WeightAveraging`.

    Raises:
        InputError: `start` is negative.
    """

    def __init__(self, start: float = 0.75, **options: Any) -> None:
        super().__init__(**options)
        if start < 0:
            raise InputError(f"callbacks.swa.start: Expected a number of at least 0. Got {start}")
        self.start = start
        self._first = 0

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Find the first epoch that counts.

        Raises:
            InputError: It is a part of a number of epochs that nobody knows.
        """
        super().setup(trainer, pl_module, stage)
        epochs = trainer.max_epochs if trainer.max_epochs is not None else -1
        if self.start < 1 and epochs < 0:
            raise InputError(
                f"callbacks.swa.start: Expected the number of an epoch where trainer.max_epochs={epochs}. "
                f"Got {self.start}"
            )
        self._first = min(round(self.start * epochs), epochs - 1) if self.start < 1 else round(self.start)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Let an epoch count as soon as its last batch is done, before it is validated."""
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)
        if trainer.is_last_batch:
            self.on_train_epoch_end(trainer, pl_module)  # which counts no epoch twice

    def state_dict(self) -> dict[str, Any]:
        """The epoch that was counted last, too: a checkpoint may be of its validation."""
        return {**super().state_dict(), "latest_update_epoch": self._latest_update_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:  # noqa: D102
        super().load_state_dict(state_dict)
        self._latest_update_epoch = state_dict.get("latest_update_epoch", -1)

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """After each epoch from the first one on."""
        return epoch_idx is not None and epoch_idx >= self._first
