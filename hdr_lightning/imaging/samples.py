"""An image as its file stores it, and how that becomes upright RGB of 8 or 16 bits."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from hdr_lightning.imaging import profiles

Space = Literal["gray", "rgb", "cmyk", "lab"]

_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}


class Samples(NamedTuple):
    """An image as its file stores it.

    Attributes:
        values: (H, W) gray, (H, W, 3) RGB, (H, W, 4) CMYK (0 is no ink), all uint8, uint16 or float32 in
            [0, 1]; or (H, W, 3) Lab, float32 with L* in [0, 100].
        space: What the values mean.
        alpha: (H, W) opacity of the type of the values, or None.
        premultiplied: Whether the values were multiplied by the alpha.
        profile: The ICC profile of the values; empty where the file has none.
        orientation: As EXIF counts, 1 to 8.
    """

    values: np.ndarray
    space: Space = "rgb"
    alpha: np.ndarray | None = None
    premultiplied: bool = False
    profile: bytes = b""
    orientation: int = 1


class Picture(NamedTuple):
    """A photograph, upright.

    Attributes:
        pixels: (H, W, 3) RGB, uint8 or uint16.
        alpha: (H, W) opacity of the same type, or None where everything is opaque.
        profile: The ICC profile of the pixels; empty for sRGB.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes = b""


def to_picture(samples: Samples) -> Picture:
    """Turn samples upright and into RGB of 8 or 16 bits, by their profile where they are not RGB yet."""
    values = _alone(samples)
    if samples.space == "rgb" and not profiles.is_linear(samples.profile):
        pixels, profile = _whole(values), samples.profile
    else:
        pixels, profile = _whole(profiles.to_srgb(values, samples.space, samples.profile)), b""
    alpha = None if samples.alpha is None else _whole(samples.alpha)
    if alpha is not None and alpha.min() == np.iinfo(alpha.dtype).max:
        alpha = None
    if alpha is not None:
        alpha = _upright(alpha, samples.orientation).astype(pixels.dtype, copy=False)
    return Picture(_upright(pixels, samples.orientation), alpha, profile)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    turn = _UPRIGHT.get(orientation)
    return np.ascontiguousarray(turn(pixels) if turn else pixels)


def _alone(samples: Samples) -> np.ndarray:
    """The values without the alpha that they were multiplied by."""
    if not samples.premultiplied or samples.alpha is None:
        return samples.values
    alpha = samples.alpha if samples.values.ndim == 2 else samples.alpha[..., None]
    if samples.values.dtype == np.float32:
        return np.asarray(samples.values / np.where(alpha > 0, alpha, 1), np.float32)
    most = np.iinfo(samples.values.dtype).max
    opaque = np.where(alpha > 0, alpha, most).astype(np.uint32)
    values = (samples.values.astype(np.uint32) * most + opaque // 2) // opaque
    return np.asarray(np.minimum(values, most), samples.values.dtype)


def _whole(values: np.ndarray) -> np.ndarray:
    """Fractions as 16 bits, clipped to [0, 1]; integers as they are."""
    if values.dtype in (np.uint8, np.uint16):
        return values
    return np.asarray(np.rint(np.clip(values, 0, 1) * 65535), np.uint16)
