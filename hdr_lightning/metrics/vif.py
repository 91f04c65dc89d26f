"""VIF: visual information fidelity of the fused image to each exposure (Sheikh, Bovik, TIP 2006)."""

import torch
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.filters import Window
from hdr_lightning.metrics.checks import check_images
from hdr_lightning.metrics.exact import smooth64

WINDOWS = tuple(Window(side, side / 5) for side in (17, 9, 5, 3))
"""Of the four scales; sigma is a fifth of the side."""
NOISE = 2.0
"""Variance of the noise of the visual system, in 8-bit levels squared."""
FLAT = 1e-10
"""Variance below which a window holds nothing."""
SMALLEST = 41
"""Least side in pixels, so that the coarsest scale holds a window."""


def vif(fused: Tensor, exposures: Tensor) -> Tensor:
    """Information of the exposures that the fused image keeps: VIF to each of them, averaged over exposures.

    The pixel-domain VIF on gray, in 8-bit levels. It is not the VIFF of Han (2013), which judges each window
    against one exposure only.

    Args:
        fused: (B, 3, H, W) in [0, 1], both sides at least 41 pixels.
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0, higher is better; above 1 where contrast is amplified. An exposure without
        any information, such as a black one, counts as kept.

    Raises:
        InputError: The shapes do not fit, a side is too small, or the values are no finite floats or lie far
            outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> round(vif(exposures[:, 0], exposures).item(), 3)
        1.0
    """
    check_images(fused, exposures, SMALLEST)
    image, sources = 255 * to_gray(fused.double()), 255 * to_gray(exposures.double()).squeeze(2)
    preserved, available = sources.new_zeros(sources.shape[:2]), sources.new_zeros(sources.shape[:2])
    for scale, window in enumerate(WINDOWS):
        if scale > 0:
            image, sources = (smooth64(pixels, window)[..., ::2, ::2] for pixels in (image, sources))
        seen, there = _information(image, sources, window)
        preserved, available = preserved + seen, available + there
    return torch.where(available > 0, preserved / available, 1.0).mean(1)


def _information(image: Tensor, sources: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    """Of one scale: what comes through and what was there, (B, K) each, of (B, 1, H, W) and (B, K, H, W)."""
    mean_f, mean_k = smooth64(image, window), smooth64(sources, window)
    variance_f = (smooth64(image.square(), window) - mean_f.square()).clamp_min(0)
    variance_k = (smooth64(sources.square(), window) - mean_k.square()).clamp_min(0)
    covariance = smooth64(image * sources, window) - mean_f * mean_k
    variance_k = torch.where(variance_k < FLAT, 0.0, variance_k)
    gain = (covariance / (variance_k + FLAT)).clamp_min(0)
    gain = torch.where((variance_k == 0) | (variance_f < FLAT), 0.0, gain)
    rest = (variance_f - gain * covariance).clamp_min(FLAT)  # what the fused image adds of its own
    seen = torch.log1p(gain.square() * variance_k / (rest + NOISE))
    return seen.sum(dim=(2, 3)), torch.log1p(variance_k / NOISE).sum(dim=(2, 3))
