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


def virtual_exposures(photograph: Tensor) -> Tensor:
    """Expose a photograph anew, in linear light and clipped as by a sensor.

    Args:
        photograph: (3, H, W) in [0, 1], encoded by the curve of sRGB (IEC 61966-2-1) or one near it.

    Returns:
        (K, 3, H, W) in [0, 1], dark to bright, one for each of `EXPOSURE_VALUES`.
    """
    from kornia.color import linear_rgb_to_rgb, rgb_to_linear_rgb  # a third of a second

    light = rgb_to_linear_rgb(photograph)
    exposures = [linear_rgb_to_rgb((light * 2.0**stops).clamp_max_(1)) for stops in EXPOSURE_VALUES]
    return torch.stack(exposures)
