"""A bracket from one photograph: the exposures that a camera would have taken beside it (the paper, 2.2).

They hold nothing that the photograph does not: shadows are lifted with their noise, and what is clipped stays
clipped. Fusing them evens out the light of a scene; it is no substitute for a real bracket.
"""

import torch
from torch import Tensor

EXPOSURE_VALUES = (0.0, 2.0)
"""Stops from the photograph to its virtual exposures: two of them, as networks trained on pairs need.

None is darker than the photograph: that would turn what is clipped, a white sky, into a gray area.
"""

# IEC 61966-2-1, the curve of sRGB and nearly that of other photographs
_TOE_SLOPE, _TOE_LIGHT, _TOE_CODE, _OFFSET, _POWER = 12.92, 0.0031308, 0.04045, 0.055, 2.4


def virtual_exposures(photograph: Tensor) -> Tensor:
    """Expose a photograph anew, in linear light and clipped as by a sensor.

    Args:
        photograph: (3, H, W) in [0, 1], encoded like sRGB.

    Returns:
        (K, 3, H, W) in [0, 1], dark to bright, one for each of `EXPOSURE_VALUES`.
    """
    light = _decode(photograph)
    return torch.stack([_encode((light * 2.0**stops).clamp_max_(1)) for stops in EXPOSURE_VALUES])


def _decode(code: Tensor) -> Tensor:
    light = ((code + _OFFSET) / (1 + _OFFSET)).pow_(_POWER)
    return torch.where(code <= _TOE_CODE, code / _TOE_SLOPE, light)


def _encode(light: Tensor) -> Tensor:
    code = light.pow(1 / _POWER).mul_(1 + _OFFSET).sub_(_OFFSET)
    return torch.where(light <= _TOE_LIGHT, light * _TOE_SLOPE, code)
