"""Separable Gaussian and box windows on images, shared by cues, losses and metrics.

One `Window` is handed to everything that has to line up: the SSIM map of a loss, the gamma that weighs it and
the cue behind that gamma see the same pixels through the same taps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.planes import on_planes, plain

Border = Literal["valid", "reflect"]

STRIP = 1 << 19
"""Values that large images are worked on at a time: from the processor's cache it is several times faster."""


@dataclass(frozen=True)
class Window:
    """A square window whose taps sum to 1.

    Attributes:
        size: Side in pixels, odd.
        sigma: Standard deviation of the Gaussian in pixels, cut off at the side of the window whatever its
            size; None is the box window, all taps equal.
        border: "valid" keeps the positions where the whole window lies inside the image, so maps are
            `size - 1` smaller; "reflect" mirrors the image without repeating the edge pixel, same size.

    Raises:
        InputError: The size is even or below 1, sigma is not positive or the border is unknown.
    """

    size: int
    sigma: float | None = 1.5
    border: Border = "valid"

    def __post_init__(self) -> None:
        if self.size < 1 or self.size % 2 == 0:
            raise InputError(f"Expected an odd window size of at least 1. Got {self.size}")
        if self.sigma is not None and not self.sigma > 0:
            raise InputError(f"Expected a window sigma above 0, or None for a box. Got {self.sigma}")
        if self.border not in ("valid", "reflect"):
            raise InputError(f"Expected a border of 'valid' or 'reflect'. Got {self.border!r}")

    def taps(self) -> list[float]:
        """The `size` one-dimensional taps; their outer product is the window."""
        if self.sigma is None:
            return [1 / self.size] * self.size
        return list(_gaussian(self.size, self.sigma))


@cache
def _gaussian(size: int, sigma: float) -> tuple[float, ...]:
    from kornia.filters import get_gaussian_kernel1d  # a third of a second that a box need not wait for

    return tuple(get_gaussian_kernel1d(size, sigma, dtype=torch.float64).flatten().tolist())


def smooth(images: Tensor, window: Window) -> Tensor:
    """Weighted mean of every window position, differentiable.

    Args:
        images: (..., H, W), float.
        window: Taps and border.

    Returns:
        (..., H', W'): H' = H - size + 1 with the border "valid", H with "reflect".

    Raises:
        InputError: The image is smaller than the window.
    """
    if plain(images):
        _check(images, window)
        less = 0 if window.border == "reflect" else window.size - 1
        return on_planes(partial(_smoothed, window), images, images.shape[-2] - less, images.shape[-1] - less)
    images = framed(images, window)
    planes = images.reshape(-1, *images.shape[-2:])
    # Few planes at a time: where there are many, taking them apart again costs more than filtering them.
    groups = torch.split(planes, 8) if _on_onednn(planes) else (planes,)
    maps = torch.cat([filter_planes(group, window.taps()) for group in groups])
    return maps.reshape(*images.shape[:-2], *maps.shape[-2:])


def framed(images: Tensor, window: Window) -> Tensor:
    """The images (..., H, W) with what a window sees beyond their border: nothing where that is "valid".

    Raises:
        InputError: The image is smaller than the window.
    """
    _check(images, window)
    if window.border == "valid":
        return images
    planes = F.pad(images.reshape(-1, *images.shape[-2:]), (window.size // 2,) * 4, mode="reflect")
    return planes.reshape(*images.shape[:-2], *planes.shape[-2:])


def _check(images: Tensor, window: Window) -> None:
    height, width = images.shape[-2:]
    if min(height, width) < window.size:
        raise InputError(
            f"Expected an image of at least {window.size} x {window.size} pixels. Got {height} x {width}"
        )


def _smoothed(window: Window, plane: np.ndarray, smooth: np.ndarray) -> None:
    import cv2

    taps = np.array(window.taps(), np.float32)
    if window.border == "reflect":
        cv2.sepFilter2D(plane, -1, taps, taps, dst=smooth, borderType=cv2.BORDER_REFLECT_101)
    else:
        inside = slice(window.size // 2, -(window.size // 2) or None)
        smooth[:] = cv2.sepFilter2D(plane, -1, taps, taps)[inside, inside]


def strips(images: Tensor, multiple: int = 2) -> Iterator[slice]:
    """Rows of (B, ..., H, W) from top to bottom; each strip begins at a multiple of an even `multiple`."""
    height = images.shape[-2]
    step = max(STRIP // images[0, ..., 0, :].numel(), 16) // multiple * multiple
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def around(rows: slice, margin: int, height: int) -> tuple[slice, slice]:
    """Rows of an image of some height with so many more on both sides, and where the rows are in them."""
    near = slice(max(rows.start - margin, 0), min(rows.stop + margin, height))
    return near, slice(rows.start - near.start, rows.stop - near.start)


def filter_planes(planes: Tensor, taps: list[float], padding: int = 0) -> Tensor:
    """Correlate every plane with `taps` in both directions, `padding` zeros around.

    With symmetric taps and `padding = len(taps) - 1` this is the transpose of the unpadded filter, which is
    what a hand-written backward pass needs.

    Args:
        planes: (N, H, W), float.
        taps: One-dimensional taps.
        padding: Rows and columns of zeros on every side.

    Returns:
        (N, H', W') with H' = H + 2 * padding - len(taps) + 1, in the memory layout of `interleave`.
    """
    count, size = len(planes), len(taps)
    kernel = torch.tensor(taps, dtype=planes.dtype, device=planes.device).expand(count, 1, 1, size)
    # Built from (H, W, N): only so does the leading 1 get the stride by which oneDNN knows channels-last.
    batch = interleave(planes).movedim(0, -1)[None].movedim(-1, 1)
    with torch.autocast(planes.device.type, enabled=False):
        rows = F.conv2d(batch, kernel, groups=count, padding=(0, padding))
        maps = F.conv2d(rows, kernel.transpose(2, 3), groups=count, padding=(padding, 0))
    return maps[0]


def interleave(planes: Tensor) -> Tensor:
    """The same values laid out so that depthwise convolutions are fast.

    On the CPU that is the plane index varying fastest (channels-last), where oneDNN is 2 to 7 times faster
    than on separate planes, best with 16 of them. Other devices and float64 keep the usual layout.

    Args:
        planes: (N, H, W).

    Returns:
        (N, H, W), equal to `planes`.
    """
    if _on_onednn(planes):
        return planes.movedim(0, -1).contiguous().movedim(-1, 0)
    return planes.contiguous()


def _on_onednn(planes: Tensor) -> bool:
    return planes.device.type == "cpu" and planes.dtype == torch.float32
