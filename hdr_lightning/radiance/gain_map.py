"""The gain map from a picture to the radiance of its scene: how much brighter an HDR screen shows a place."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from hdr_lightning.radiance.response import decode

OFFSET = 1 / 64
"""Added to both lights before their ratio is taken, so that black needs no infinite gain."""
_NARROWEST = 1 / 64


class GainMap(NamedTuple):
    """What an Ultra HDR file adds to its base (Ultra HDR Image Format 1.1; ISO 21496-1).

    Attributes:
        pixels: (3, H, W) in [0, 1]: the logarithm of the gain, from `lowest` to `highest`.
        lowest: Logarithm of the gain, base 2, where the map is 0.
        highest: The same where it is 1.
        headroom: Stops above the white of the base that the whole range needs.
    """

    pixels: Tensor
    lowest: float
    highest: float
    headroom: float


def scaled_to(base: Tensor, radiance: Tensor) -> Tensor:
    """Radiance (3, H, W) times the factor by which half of the pixels are brighter than the base's light."""
    there = (radiance > 0) & (base > 0)
    ratios = base[there] / radiance[there]
    return radiance * (ratios.median() if len(ratios) else 1.0)


def gain_map(base: Tensor, radiance: Tensor, most: float) -> GainMap:
    """The gain map of a base picture.

    Args:
        base: (3, H, W) in [0, 1] as its file gives it again, coded by the curve of sRGB.
        radiance: (3, H, W), linear, in the primaries of the base; only its ratios count.
        most: The most stops of headroom; what is brighter is darkened there, its hue kept.
    """
    light = decode(base)
    target = scaled_to(light, radiance)
    peak = float(target.amax())
    headroom = min(math.log2(max(peak, 1.0)), most)
    if peak > 2**headroom:
        target = target * (2**headroom / target.amax(0, keepdim=True).clamp_min(1e-9)).clamp_max(1)
    gain = ((target + OFFSET) / (light + OFFSET)).log2()
    lowest, highest = float(gain.min()), float(gain.max())
    highest = max(highest, lowest + _NARROWEST)
    return GainMap((gain - lowest) / (highest - lowest), lowest, highest, max(headroom, _NARROWEST))


def applied(base: Tensor, gains: GainMap) -> Tensor:
    """The light (3, H, W) that a screen with all the headroom shows: 1 is the white of the base."""
    gain = gains.pixels * (gains.highest - gains.lowest) + gains.lowest
    return (decode(base) + OFFSET) * torch.exp2(gain) - OFFSET
