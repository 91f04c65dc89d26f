"""Watch over every step: a wish to stop, a checkpoint that is due, a loss or gradient that is not finite."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning as L
import torch
import torch.distributed as dist
from torch import Tensor
from torch.optim import Optimizer

from hdr_lightning.data.patches import Batch
from hdr_lightning.errors import InputError
from hdr_lightning.training.module import FusionModule
from hdr_lightning.training.stopping import Stopping

NAMED = 8
"""Patches that an error names; a file keeps them all."""


class Watch(L.Callback):
    """Keep `last.ckpt` fresh, stop where all ranks are at one step, refuse what would ruin the weights.

    Args:
        last: The checkpoint to continue from.
        patches: Where the batch goes that made a loss or a gradient that is not finite.
        stopping: The wish to stop. It is followed after the step, or, in a validation, after the epoch.
        minutes: Time between two checkpoints within an epoch; None for one after each epoch only.
    """

    def __init__(self, last: Path, patches: Path, stopping: Stopping, minutes: float | None) -> None:
        self.last = last
        self.patches = patches
        self.stopping = stopping
        self.seconds = math.inf if minutes is None else 60 * minutes
        self._saved = math.inf
        self._step = 0
        self._asked = 0
        self._due = False
        self._batch: Batch
        self._suspect: Batch | None = None  # the first of a step whose gradient is not finite
        self._done = 0  # batches of a step that accumulates several
        self._buffers: list[Tensor] = []

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Take over from Lightning's handler, which waits for other ranks in the middle of their work."""
        self.stopping.listen()
        self.stopping.patient = True
        self._saved = time.monotonic()
        self._step = trainer.global_step

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:  # noqa: D102
        self._agree(trainer, pl_module.device, bad=False)
        self.stopping.check(self._asked)  # the checkpoint of the epoch before is written

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Keep what the step will change before anything is known of it."""
        self._batch = batch
        if not self._done:
            self._suspect = None
            self._buffers = [buffer.clone() for buffer in pl_module.buffers()]

    def on_before_backward(self, trainer: L.Trainer, pl_module: Any, loss: Tensor) -> None:
        """Let every rank know how the others fare.

        Raises:
            InputError: The loss of a rank is not finite.
        """
        if self._agree(trainer, loss.device, bad=not loss.isfinite().item()):
            self._refuse(trainer, pl_module, "loss")

    def on_after_backward(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Note which of several batches of a step spoils its gradient; the ranks meet at the step only."""
        accumulates = trainer.accumulate_grad_batches > 1
        if accumulates and self._suspect is None and not _finite_gradient(trainer, pl_module):
            self._suspect = self._batch

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: Optimizer) -> None:
        """Look at the gradient, which is that of all ranks.

        Raises:
            InputError: It is not finite; under 16-bit precision that is ordinary, and the step is skipped.
        """
        if not _finite_gradient(trainer, pl_module):
            self._refuse(trainer, pl_module, "gradient")

    def on_train_batch_end(  # noqa: D102
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        stepped, self._step = trainer.global_step != self._step, trainer.global_step
        self._done = 0 if stepped else self._done + 1
        ends = trainer.is_last_batch or trainer.fit_loop.done  # and so the epoch is saved at once
        if (self._asked or self._due) and stepped and not ends:
            trainer.save_checkpoint(self.last, weights_only=False)
            self._saved = time.monotonic()
            self.stopping.check(self._asked)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Everything is saved."""
        self.stopping.patient = False

    def on_test_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:  # noqa: D102
        self.stopping.listen()

    def on_exception(  # noqa: D102
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        self.stopping.patient = False

    def _agree(self, trainer: L.Trainer, device: torch.device, bad: bool) -> bool:
        """Exchange what has to be the same on all ranks; whether one of them has something bad."""
        due = time.monotonic() - self._saved >= self.seconds
        own = torch.tensor([float(bad), float(self.stopping.asked), float(due)], device=device)
        found, asked, late = trainer.strategy.reduce(own, reduce_op="max").tolist()
        self._asked, self._due = int(asked), bool(late)
        return bool(found)

    def _refuse(self, trainer: L.Trainer, module: FusionModule, what: str) -> None:
        batch = self._suspect or self._batch
        names = _over_ranks(list(_culprits(module, batch))) or _over_ranks(batch.names)
        file = self.patches.with_stem(f"{self.patches.stem}_{trainer.global_rank}")
        file.parent.mkdir(exist_ok=True)
        torch.save(batch._asdict(), file)
        for buffer, before in zip(module.buffers(), self._buffers, strict=True):
            buffer.copy_(before)  # of a batch normalisation, which counted the step already
        # A checkpoint has no gradients, so it goes on with the first batch of the step.
        trainer.fit_loop.epoch_loop.batch_progress.current.completed -= self._done
        trainer.save_checkpoint(self.last, weights_only=False)
        named = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        raise InputError(
            f"Expected a finite {what} at step {trainer.global_step} of epoch {trainer.current_epoch}. "
            f"Got another from {named}. {self.last} is of before it, {self.patches.stem}_*.pt beside it has "
            "the patches: examine them, or go on with resume=true and, say, trainer.gradient_clip_val=0.1"
        )


def _finite_gradient(trainer: L.Trainer, module: L.LightningModule) -> bool:
    """Whether it is; under 16-bit precision another is ordinary, and the step is skipped."""
    if trainer.precision.startswith("16"):
        return True
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    return bool(torch.nn.utils.get_total_norm(gradients).isfinite())


def _culprits(module: FusionModule, batch: Batch) -> Iterator[str]:
    """The patches that alone have a loss or a gradient that is not finite."""
    module.eval()  # each by itself, without the moments of the others
    parameters = [p for p in module.fusion.parameters() if p.requires_grad]
    for index, name in enumerate(batch.names):
        with torch.enable_grad():
            loss = module.judge(batch.only(index))[1]["loss"]
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        values = [loss, *(gradient for gradient in gradients if gradient is not None)]
        if not all(value.isfinite().all() for value in values):
            yield name
    module.train()


def _over_ranks(names: list[str]) -> list[str]:
    if not dist.is_initialized():
        return names
    parts: list[list[str]] = [[] for _ in range(dist.get_world_size())]
    dist.all_gather_object(parts, names)
    return [name for part in parts for name in part]
