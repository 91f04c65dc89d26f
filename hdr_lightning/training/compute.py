"""How the network is computed, not what: switches that change time and memory and leave results as they are.

Names and shapes of the weights stay too, so checkpoints do not know what was switched on.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from hdr_lightning.errors import InputError

COMPILERS = ("g++", "clang++", "cl")


def configure(network: nn.Module, channels_last: bool, compile: bool, gradient_checkpointing: bool) -> None:
    """Set the switches of a network that is about to be trained.

    Args:
        network: What maps exposures to weights.
        channels_last: Lay out the weights, and with them all feature maps, with the channels innermost.
        compile: Let `torch.compile` translate it, at the first step of each size of a batch.
        gradient_checkpointing: Keep only the inputs of its sequential blocks for the way back, and compute
            what is inside of them once more.

    Raises:
        InputError: There is no compiler to translate to C++ for.
    """
    wanted = (os.environ["CXX"],) if os.environ.get("CXX") else COMPILERS
    if compile and not any(map(shutil.which, wanted)):
        raise InputError(
            "compute.compile=true: Expected a C++ compiler, by the name in CXX or one of "
            f"{', '.join(COMPILERS)}. Got none"
        )
    network.to(  # type: ignore[call-overload]
        memory_format=torch.channels_last if channels_last else torch.contiguous_format
    )
    if gradient_checkpointing:
        for block in network.modules():
            if isinstance(block, nn.Sequential):
                _compute_again(block)
    if compile:
        network.compile()


def _compute_again(block: nn.Module) -> None:
    plain = block.forward

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _kept_buffers(block)

    def forward(features: Any) -> Any:
        if torch.compiler.is_compiling():  # which does not take contexts, and updates buffers once anyway
            return checkpoint(plain, features, use_reentrant=False)
        return checkpoint(plain, features, use_reentrant=False, context_fn=contexts)

    block.forward = forward  # not a wrapping module, which would rename the weights


@contextmanager
def _kept_buffers(block: nn.Module) -> Iterator[None]:
    """Batch normalisation has counted the batch already when its block is computed again."""
    before = [buffer.clone() for buffer in block.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, value in zip(block.buffers(), before, strict=True):
                buffer.copy_(value)
