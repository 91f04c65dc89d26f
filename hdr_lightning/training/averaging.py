"""Averages of the weights along the training, which is what is validated, kept and tested then."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import WeightAveraging

from hdr_lightning.errors import InputError


class SWA(WeightAveraging):
    """The mean of the weights after each of the last epochs (Izmailov et al., UAI 2018).

    Args:
        start: The first epoch that counts, from 0; below 1 the part of all epochs that passes before.
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
        self._first = round(self.start * epochs) if self.start < 1 else round(self.start)

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """After each epoch from the first one on."""
        return epoch_idx is not None and epoch_idx >= self._first
