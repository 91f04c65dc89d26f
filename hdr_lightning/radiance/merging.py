"""A bracket merged to the light of the scene."""

import torch
from torch import Tensor

from hdr_lightning.filters import strips
from hdr_lightning.radiance.response import Response

_FADE_FROM, _FULL = 0.7, 0.95
"""Values between which an exposure stops counting: cameras bend their curve there, and sensors are full."""
_NOISE, _CLEAN = 0.01, 0.06
"""Values between which an exposure starts to count: below there is little but noise and rounding."""


def merge(exposures: Tensor, light: Tensor, response: Response) -> Tensor:
    """The radiance of the scene: all light that was counted over all exposure that it was counted in.

    Sum of w x over sum of w t is the best estimate where noise is that of light itself (Robertson et al.
    2003 for other weights), so longer exposures count more wherever their sensor is not full. The weight of a
    pixel is that of its brightest colour at the full end, so that no colour is missing.

    Args:
        exposures: (K, 3, H, W) in [0, 1], dark to bright.
        light: (K,) relative exposures, 1 for the darkest.
        response: Values to light.

    Returns:
        (3, H, W), linear, 1 where the darkest exposure is just full. What is full in all is 1.
    """
    parts = [_merged(exposures[..., rows, :], light, response) for rows in strips(exposures)]
    return torch.cat(parts, dim=-2)


def _merged(exposures: Tensor, light: Tensor, response: Response) -> Tensor:
    last = len(light) - 1
    counted = torch.zeros_like(exposures[0])
    exposed = torch.zeros_like(exposures[0, :1])
    for k, (values, time) in enumerate(zip(exposures, light.tolist(), strict=True)):
        weight = torch.ones_like(values[:1])
        if k > 0:
            weight = weight * _ramp(_FULL, _FADE_FROM, values.amax(0, keepdim=True))
        if k < last:
            weight = weight * _ramp(_NOISE, _CLEAN, values.amax(0, keepdim=True)).clamp_min(1e-6)
        counted += weight * response(values)
        exposed += weight * time
    return counted / exposed


def _ramp(start: float, end: float, values: Tensor) -> Tensor:
    """0 at `start`, 1 at `end`, smooth between."""
    share = ((values - start) / (end - start)).clamp(0, 1)
    return share.square() * (3 - 2 * share)
