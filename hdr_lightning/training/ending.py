"""When a training ends, besides after its last epoch."""

from typing import Any

import lightning as L


class Ending(L.Callback):
    """End a training after so many steps, and where it had been stopped early before it was interrupted.

    With its own `max_steps`, Lightning leaves out an epoch where a run goes on from the end of one; and it
    forgets between two starts that `EarlyStopping` had ended the training.

    Args:
        max_steps: Steps of the optimizer; -1 for any number.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leave a training as it is that has ended already."""
        stopping = trainer.early_stopping_callbacks
        early = any(each.stopped_epoch or each.wait_count >= each.patience for each in stopping)
        trainer.should_stop = trainer.should_stop or early or self._reached(trainer)

    def on_train_batch_end(  # noqa: D102
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        trainer.should_stop = trainer.should_stop or self._reached(trainer)

    def _reached(self, trainer: L.Trainer) -> bool:
        return 0 <= self.max_steps <= trainer.global_step
