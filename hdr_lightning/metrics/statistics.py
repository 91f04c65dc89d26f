"""What one image says of itself, without its exposures: information, detail, range, clipping, brightness."""

import math

import torch
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.metrics.checks import check_image

LEVELS = 256


def gray_levels(images: Tensor) -> Tensor:
    """Gray as an 8-bit program sees it: rounded colours, Matlab's rgb2gray, rounded.

    Args:
        images: (..., 3, H, W) in [0, 1].

    Returns:
        (..., H, W), whole numbers 0 to 255, float64.
    """
    colours = images.double().mul(LEVELS - 1).round().clamp(0, LEVELS - 1)
    return to_gray(colours).squeeze(-3).round()


def entropy(fused: Tensor) -> Tensor:
    """Shannon entropy of the 8-bit gray levels in bits, 0 to 8: a full histogram, not a good image.

    Args:
        fused: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> image = torch.tensor([0.0, 1.0]).expand(1, 3, 4, 2)  # two levels, equally often: one bit
        >>> entropy(image).item()
        1.0
    """
    check_image(fused)
    levels = gray_levels(fused).long().flatten(1)
    counts = torch.stack([image.bincount(minlength=LEVELS) for image in levels])
    share = counts / levels.shape[1]
    return -torch.xlogy(share.double(), share.double()).sum(1) / math.log(2)


def spatial_frequency(fused: Tensor) -> Tensor:
    """Root of the mean squared step between neighbours in rows plus that in columns, in 8-bit gray levels.

    Detail raises it, and so does noise. Source: Eskicioglu and Fisher, "Image quality measures and their
    performance", IEEE Trans. Communications 43 (1995).

    Args:
        fused: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, 0 to 255 * sqrt(2).

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> spatial_frequency(torch.full((1, 3, 8, 8), 0.5)).item()  # no steps
        0.0
    """
    check_image(fused)
    gray = gray_levels(fused)
    pixels = gray.shape[-2] * gray.shape[-1]
    steps = gray.diff(dim=-1).square().sum(dim=(-2, -1)) + gray.diff(dim=-2).square().sum(dim=(-2, -1))
    return (steps / pixels).sqrt()


def dynamic_range(fused: Tensor) -> Tensor:
    """The paper's eq. 1, log10(I_max / I_min), of 8-bit gray, with I_min taken as 1 where it is 0.

    An image that has one black and one white pixel has it all: log10(255) = 2.4065.

    Args:
        fused: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, 0 to log10(255).

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> dynamic_range(torch.full((1, 3, 8, 8), 0.5)).item()  # the brightest is the darkest
        0.0
    """
    check_image(fused)
    gray = gray_levels(fused).flatten(1)
    return torch.log10(gray.amax(1).clamp_min(1) / gray.amin(1).clamp_min(1))


def clipped(fused: Tensor) -> Tensor:
    """Fraction of pixels that are lost to black (all colours 0) or to white (all 255) in 8 bits, 0 to 1.

    Args:
        fused: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> clipped(torch.tensor([0.0, 0.5, 0.5, 1.0]).expand(1, 3, 4, 4)).item()
        0.5
    """
    check_image(fused)
    colours = fused.double().mul(LEVELS - 1).round()
    lost = (colours <= 0).all(1) | (colours >= LEVELS - 1).all(1)
    return lost.double().mean(dim=(1, 2))


def brightness(fused: Tensor) -> Tensor:
    """Mean gray, 0 (black) to 1 (white).

    Args:
        fused: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> round(brightness(torch.full((1, 3, 8, 8), 0.5)).item(), 3)
        0.502
    """
    check_image(fused)
    return gray_levels(fused).mean(dim=(1, 2)) / (LEVELS - 1)
