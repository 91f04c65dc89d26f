"""Whether network, loss and patches go together: found out on noise, before any photograph is decoded."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.errors import InputError
from hdr_lightning.training.module import FusionModule


@torch.no_grad()
def try_first_step(module: FusionModule, datamodule: SceneDataModule) -> None:
    """Let the loss judge noise of the shapes that training patches have; the network stays as it is.

    Raises:
        InputError: Network or loss refuse these shapes, or the loss learns from brackets and there is none.
    """
    if not getattr(module.loss, "learns_from_pairs", True) and max(datamodule.exposures) < 3:
        raise InputError(
            "data.exposures: Expected scenes of three exposures or more, from which this loss learns. "
            "Got pairs alone: data.exposures=stack takes whole brackets"
        )
    with _asleep(module), torch.random.fork_rng(), torch.compiler.set_stance("force_eager"):
        for batch in datamodule.noise():
            try:
                module.judge(batch)
            except InputError as error:
                count, side = batch.exposures.shape[1], batch.exposures.shape[-1]
                place = f"data.patch_size={side} with {count} exposures"
                raise InputError(f"{place}: {error}") from error


@contextmanager
def _asleep(module: nn.Module) -> Iterator[None]:
    """In evaluation mode, in which no layer changes, and then in the modes that were set."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode
