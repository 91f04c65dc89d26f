"""What makes a pixel worth keeping: pure functions of an image, used by gammas and by fusers alike.

Images are (..., C, H, W) floats in [0, 1]. A cue judges each channel on its own unless it says otherwise.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window, framed, smooth, strips
from hdr_lightning.imaging.brightness import RGB_TO_GRAY
from hdr_lightning.planes import on_planes, plain


def to_gray(images: Tensor) -> Tensor:
    """Luma by the coefficients of Matlab's rgb2gray.

    Args:
        images: (..., 3, H, W).

    Returns:
        (..., 1, H, W), in the range of the images.

    Raises:
        InputError: There are not three channels.

    Examples:
        >>> red = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
        >>> round(to_gray(red).item(), 3)
        0.299
    """
    if images.ndim < 3 or images.shape[-3] != 3:
        raise InputError(f"Expected images of shape (..., 3, H, W). Got {tuple(images.shape)}")
    red, green, blue = images.unbind(-3)
    gray = RGB_TO_GRAY[0] * red
    return gray.add_(green, alpha=RGB_TO_GRAY[1]).add_(blue, alpha=RGB_TO_GRAY[2]).unsqueeze(-3)


def local_variance(images: Tensor, window: Window) -> Tensor:
    """Variance of the values under the window, about 1e-3 on photographs.

    Args:
        images: (..., C, H, W) in [0, 1].
        window: Taps and border.

    Returns:
        (..., C, H', W') in [0, 0.25], the size that `smooth` gives.

    Examples:
        >>> checks = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(1, 3, 3)[..., :5, :5]
        >>> round(local_variance(checks, Window(5, sigma=None)).item(), 4)  # 13 zeros, 12 ones
        0.2496
    """
    if images.dtype in (torch.float16, torch.bfloat16):  # in which the two moments cancel to nothing
        return local_variance(images.float(), window).to(images.dtype)
    if plain(images) and window.sigma is None and window.border == "reflect":
        return on_planes(partial(_box_variance, size=window.size), images, *images.shape[-2:])
    # Around mid gray the two moments are smaller, and so is what cancels between them.
    centred = framed(images - 0.5, window)
    inner, around = replace(window, border="valid"), window.size - 1
    parts = []
    for rows in strips(centred[..., around:, :]):
        part = centred[..., rows.start : rows.stop + around, :]
        parts.append((smooth(part.square(), inner) - smooth(part, inner).square()).clamp_min(0))
    return torch.cat(parts, dim=-2)


def _box_variance(plane: np.ndarray, variance: np.ndarray, size: int) -> None:
    height, around = len(plane), size // 2
    for rows in strips(torch.from_numpy(plane)[None]):
        first, last = max(rows.start - around, 0), min(rows.stop + around, height)
        part = _variance_of_strip(plane[first:last], size)
        variance[rows] = part[rows.start - first : rows.stop - first]


def _variance_of_strip(plane: np.ndarray, size: int) -> np.ndarray:
    import cv2  # a tenth of a second that loading a checkpoint need not wait for

    centred = plane - np.float32(0.5)
    mean = cv2.boxFilter(centred, -1, (size, size), borderType=cv2.BORDER_REFLECT_101)
    variance = cv2.sqrBoxFilter(centred, cv2.CV_32F, (size, size), borderType=cv2.BORDER_REFLECT_101)
    variance -= np.multiply(mean, mean, out=mean)
    return np.maximum(variance, 0, out=variance)


def gradient_magnitude(images: Tensor) -> Tensor:
    """Length of the intensity gradient per pixel, by central differences (one-sided at the border).

    Args:
        images: (..., C, H, W) in [0, 1], at least 2 x 2 pixels. Not differentiable where it is zero.

    Returns:
        (..., C, H, W) in [0, sqrt(2)].

    Examples:
        >>> ramp = torch.tensor([0.0, 0.25, 0.5]).expand(1, 2, 3)
        >>> gradient_magnitude(ramp)[0, 0]
        tensor([0.2500, 0.2500, 0.2500])
    """
    vertical, horizontal = torch.gradient(images, dim=(-2, -1))
    return torch.hypot(vertical, horizontal)


def well_exposedness(images: Tensor, sigma: float = 0.2) -> Tensor:
    """Closeness to mid gray: a Gaussian around 0.5 (Mertens 2007).

    Args:
        images: (..., C, H, W) in [0, 1].
        sigma: Standard deviation of the Gaussian.

    Returns:
        (..., C, H, W) in (0, 1].

    Examples:
        >>> well_exposedness(torch.tensor([0.5, 0.9, 1.0]))
        tensor([1.0000, 0.1353, 0.0439])
    """
    return torch.exp(-(images - 0.5).square() / (2 * sigma**2))
