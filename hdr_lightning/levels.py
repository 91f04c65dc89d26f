"""Levels of pixels, whole numbers of 8 or 16 bits, to floats in [0, 1] and back."""

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.filters import strips


def to_float(pixels: np.ndarray) -> Tensor:
    """Integer pixels (..., H, W, 3) as a float32 tensor (..., 3, H, W) in [0, 1], divided by 255 or 65535."""
    scale = np.iinfo(pixels.dtype).max
    channels_first = np.array(np.moveaxis(pixels, -1, -3), order="C")
    return torch.from_numpy(channels_first).float().div_(scale)


def to_pixels(image: Tensor, bits: int) -> np.ndarray:
    """The inverse of `to_float`: (C, H, W) in [0, 1], clipped, to (H, W, C) of 8 or 16 bits."""
    channels, height, width = image.shape
    pixels = np.empty((height, width, channels), np.uint8 if bits == 8 else np.uint16)
    for rows in strips(image[None]):
        levels = image[:, rows].detach().float().clamp(0, 1).mul_(2**bits - 1).round_()
        pixels[rows] = levels.permute(1, 2, 0).cpu().numpy()
    return pixels
