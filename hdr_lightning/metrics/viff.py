"""VIFF: visual information fidelity for fusion (Han, Cai, Cao, Xu 2013)."""

from typing import NamedTuple

import torch
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window
from hdr_lightning.metrics.exact import smooth64

SIDES = (17, 9, 5, 3)
"""Sides of the window at the four scales; sigma is a fifth of them."""
SCALE_WEIGHTS = (1 / 2.15, 0.0, 0.15 / 2.15, 1 / 2.15)
NOISE = 0.005 * 255**2
"""Variance of the noise of the visual system, in 8-bit levels."""
TINY, STABILITY = 1e-10, 1e-7
SMALLEST = 41
"""Least side in pixels, so that the coarsest scale holds a window."""


class _Information(NamedTuple):
    """Of each window of each exposure, (B, K, H', W')."""

    gain: Tensor
    seen: Tensor  # bits that come through to the fused image
    there: Tensor  # bits of the exposure


def viff(fused: Tensor, exposures: Tensor) -> Tensor:
    """VIFF, higher is better: 1 keeps all visual information, above 1 amplifies contrast.

    At each of four scales, every window is judged against the exposure of which the fused image holds least
    (smallest gain g), the information that comes through is summed and divided by what was there, and the
    scales are weighted. Computed on R, G and B and averaged, as the MEFB benchmark does.

    Source: Han, Cai, Cao, Xu, "A new image fusion performance metric based on visual information fidelity",
    Information Fusion 14 (2013), with the constants of the authors; the information measure is that of
    Sheikh and Bovik, "Image information and visual quality", TIP 15 (2006). Here for any number of exposures.

    Args:
        fused: (B, 3, H, W) in [0, 1], both sides at least 41 pixels.
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), float64.

    Raises:
        InputError: The image is too small.
    """
    if min(fused.shape[-2:]) < SMALLEST:
        height, width = fused.shape[-2:]
        raise InputError(f"viff: Expected sides of at least {SMALLEST} pixels. Got {height} x {width}")
    channels = [
        _viff_of_channel(fused[:, None, channel].double(), exposures[:, :, channel].double())
        for channel in range(3)
    ]
    return torch.stack(channels).mean(0)


def _viff_of_channel(fused: Tensor, exposures: Tensor) -> Tensor:
    """VIFF (B,) of one colour: fused (B, 1, H, W) and exposures (B, K, H, W) in [0, 1]."""
    image, sources = 255 * fused, 255 * exposures
    total = fused.new_zeros(len(fused))
    for scale, (side, weight) in enumerate(zip(SIDES, SCALE_WEIGHTS, strict=True)):
        window = Window(side, side / 5)
        if scale > 0:
            image, sources = smooth64(image, window)[..., ::2, ::2], smooth64(sources, window)[..., ::2, ::2]
        if weight > 0:
            total = total + weight * _fidelity(_information(image, sources, window))
    return total


def _fidelity(windows: _Information) -> Tensor:
    """Share of the information that comes through, (B,)."""
    # Of equals the last one counts, as in the authors' program: many gains are exactly 0.
    least = windows.gain.shape[1] - 1 - windows.gain.flip(1).argmin(1, keepdim=True)
    seen, there = (bits.gather(1, least) + STABILITY for bits in (windows.seen, windows.there))
    return seen.sum(dim=(1, 2, 3)) / there.sum(dim=(1, 2, 3))


def _information(image: Tensor, sources: Tensor, window: Window) -> _Information:
    """The fused image (B, 1, H, W) as a noisy, gained view of each exposure (B, K, H, W)."""
    mean_f, mean_k = smooth64(image, window), smooth64(sources, window)
    variance_f = (smooth64(image.square(), window) - mean_f.square()).clamp_min(0)
    variance_k = (smooth64(sources.square(), window) - mean_k.square()).clamp_min(0)
    covariance = smooth64(image * sources, window) - mean_f * mean_k
    variance_k = torch.where(variance_k < TINY, 0.0, variance_k)
    gain = (covariance / (variance_k + TINY)).clamp_min(0)
    gain = torch.where((variance_k == 0) | (variance_f < TINY), 0.0, gain)
    # Without gain all of the fused variance is noise; a flat fused image has none.
    noise = torch.where(variance_f < TINY, 0.0, variance_f - gain * covariance).clamp_min(TINY)
    seen = torch.log10(1 + gain.square() * variance_k / (noise + NOISE))
    return _Information(gain, seen, torch.log10(1 + variance_k / NOISE))
