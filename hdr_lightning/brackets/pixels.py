"""Images as people hold them in a program: arrays, tensors and Pillow images, as pixels of 8 or 16 bits."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor

from hdr_lightning.errors import InputError

Picture = str | Path | np.ndarray | Tensor | Image.Image
"""A file, a (H, W, 3) array of uint8, uint16 or floats in [0, 1], a (3, H, W) tensor of them, or Pillow's."""


def pixels_of(image: Picture, name: str) -> np.ndarray | None:
    """The pixels (H, W, 3), uint8 or uint16; floats have 16 bits. None for a file.

    Raises:
        InputError: Another shape, type or range.
    """
    if isinstance(image, str | Path):
        return None
    if isinstance(image, Image.Image):
        image = _of_pillow(image)
    if isinstance(image, Tensor):
        image = np.moveaxis(image.detach().cpu().numpy(), 0, -1) if image.ndim == 3 else image.cpu().numpy()
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype.kind not in "uf" or image.itemsize > 8:
        raise InputError(
            "Expected (H, W, 3) arrays of uint8, uint16 or floats, or (3, H, W) tensors. "
            f"Got {name} with shape {image.shape} of {image.dtype}"
        )
    if image.dtype.kind == "f":
        return _of_floats(image, name)
    if image.dtype not in (np.uint8, np.uint16):
        raise InputError(f"Expected uint8, uint16 or floats. Got {name} of {image.dtype}")
    return np.ascontiguousarray(image)


def _of_pillow(image: Image.Image) -> np.ndarray:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        return np.dstack([np.array(upright, np.uint16)] * 3)
    return np.array(upright.convert("RGB"))


def _of_floats(image: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(image).all():
        raise InputError(f"Expected finite values in [0, 1]. Got {name} with others")
    low, high = float(image.min(initial=0)), float(image.max(initial=0))
    if low < -0.5 or high > 1.5:
        raise InputError(f"Expected floats in [0, 1]. Got {name} with values from {low:.4g} to {high:.4g}")
    return np.round(image.astype(np.float64).clip(0, 1) * 65535).astype(np.uint16)
