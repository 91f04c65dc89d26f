"""When a training ends, besides after its last epoch."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import EarlyStopping


class Ending(L.Callback):
    """End a training after so many steps, and where it had been stopped early before it was interrupted.

    With its own `max_steps`, Lightning leaves out an epoch where a run goes on from the end of one; and it
    forgets between two starts that `EarlyStopping` had ended the training.

    Args:
        max_steps: Steps of the optimizer; -1 for any number.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps
        self._patience: dict[EarlyStopping, int] = {}

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Remember how patient the settings are: a checkpoint restores what they were."""
        self._patience = {each: each.patience for each in trainer.early_stopping_callbacks}

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leave a training as it is that has ended already."""
        early = [self._has_ended(each, patience) for each, patience in self._patience.items()]
        trainer.should_stop = trainer.should_stop or any(early) or self._reached(trainer)

    def on_train_batch_end(  # noqa: D102
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        trainer.should_stop = trainer.should_stop or self._reached(trainer)

    def _has_ended(self, stopping: EarlyStopping, patience: int) -> bool:
        as_before = stopping.patience == patience
        stopping.patience = patience
        return stopping.wait_count >= patience or bool(as_before and stopping.stopped_epoch)

    def _reached(self, trainer: L.Trainer) -> bool:
        return 0 <= self.max_steps <= trainer.global_step
