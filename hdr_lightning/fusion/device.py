"""The device that fuses: a GPU where there is one, and the processor where its memory is too small."""

import warnings

import torch
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.fusion.fusion import Fused, Fusion
from hdr_lightning.fusion.tiling import fuse_in_tiles

DEVICES = ("auto", "cpu", "cuda", "mps")


def device_of(name: str) -> torch.device:
    """The device of a name out of `DEVICES`; `auto` is CUDA or Apple's Metal where there is one.

    Raises:
        InputError: It is none of these, or this machine has none.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, present in there.items() if present))
    if name not in there:
        raise InputError(f"device: Expected one of {', '.join(DEVICES)}. Got {name!r}")
    if not there[name]:
        present = ", ".join(kind for kind, present in there.items() if present)
        raise InputError(f"device: Expected one that this machine has ({present}). Got {name}")
    return torch.device(name)


def fuse_on(fusion: Fusion, exposures: Tensor, device: torch.device) -> Fused:
    """`fuse_in_tiles` on a device, the result in the processor's memory.

    Where the device's memory is too small the processor fuses, with a warning.

    Args:
        fusion: In evaluation mode; it is moved to the device.
        exposures: (B, K, 3, H, W) in [0, 1], sorted dark to bright.
        device: See `device_of`.
    """
    try:
        fused = fuse_in_tiles(fusion.to(device), exposures.to(device))
        return Fused(*(part.cpu() for part in fused))
    except torch.OutOfMemoryError:
        if device.type == "cpu":
            raise
    warnings.warn(f"Expected more memory on {device}. Got too little: fused by the processor", stacklevel=2)
    return fuse_in_tiles(fusion.to("cpu"), exposures)
