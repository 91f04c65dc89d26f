"""Q^AB/F: how much of the exposures' edges the fused image keeps (Xydeas and Petrovic 2000)."""

import math

import torch
from torch import Tensor

from hdr_lightning.metrics.checks import check_images
from hdr_lightning.metrics.statistics import gray_levels

STRENGTH = (0.9994, -15.0, 0.5)
"""Ceiling, slope and centre of the sigmoid that judges how much of an edge's strength is kept."""
ORIENTATION = (0.9879, -22.0, 0.8)
"""The same for its orientation."""


def q_abf(fused: Tensor, exposures: Tensor) -> Tensor:
    """Q^AB/F in [0, 1), higher is better; for any number of exposures.

    Edges are Sobel gradients of 8-bit gray, at positions where the whole 3 x 3 operator lies in the image.
    Each pixel of each exposure scores the preserved strength times the preserved orientation of its edge and
    counts by the strength of that edge. A stack without any edge scores 1: none is lost.

    Source: Xydeas and Petrovic, "Objective image fusion performance measure", Electronics Letters 36 (2000),
    eq. 1 to 8 with its constants and L = 1. MEFB averages the same over R, G and B and pads with zeros.

    Args:
        fused: (B, 3, H, W) in [0, 1], at least 3 x 3 pixels.
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), float64.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> bool(q_abf(exposures[:, 0], exposures) > 0.9)
        True
    """
    check_images(fused, exposures, side=3)
    strength_f, angle_f = _edges(gray_levels(fused).unsqueeze(1))
    strength_k, angle_k = _edges(gray_levels(exposures))
    smaller, larger = torch.minimum(strength_k, strength_f), torch.maximum(strength_k, strength_f)
    kept_strength = smaller / larger.clamp_min(1)  # integer gradients: 0 or at least 1
    kept_angle = 1 - (angle_k - angle_f).abs() / (math.pi / 2)
    quality = _sigmoid(kept_strength, STRENGTH) * _sigmoid(kept_angle, ORIENTATION)
    total = strength_k.sum(dim=(1, 2, 3))
    preserved = (quality * strength_k).sum(dim=(1, 2, 3))
    return torch.where(total > 0, preserved / total, 1.0)


def _edges(gray: Tensor) -> tuple[Tensor, Tensor]:
    """Strength and orientation in (-pi/2, pi/2] of the edges: (B, K, H, W) to twice (B, K, H - 2, W - 2)."""
    wide = gray[..., :-2, :] + 2 * gray[..., 1:-1, :] + gray[..., 2:, :]
    high = gray[..., :-2] + 2 * gray[..., 1:-1] + gray[..., 2:]
    across = wide[..., 2:] - wide[..., :-2]
    down = high[..., 2:, :] - high[..., :-2, :]
    upright = torch.full_like(across, math.pi / 2)
    return torch.hypot(across, down), torch.where(across == 0, upright, torch.atan(down / across))


def _sigmoid(preserved: Tensor, shape: tuple[float, float, float]) -> Tensor:
    ceiling, slope, centre = shape
    return ceiling / (1 + torch.exp(slope * (preserved - centre)))
