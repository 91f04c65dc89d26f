"""Large photographs in bounded memory, however many: exposures weighed and blended one after the other."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.blending import MultiBand, WeightedSum, clip
from hdr_lightning.blending.in_turn import InTurn
from hdr_lightning.filters import strips
from hdr_lightning.fusion.fusion import Fusion


def fuse_in_turn(fusion: Fusion, photographs: Sequence[np.ndarray]) -> tuple[Tensor, Tensor] | None:
    """What `fusion(exposures)` gives, without a stack of all exposures as floats.

    Args:
        fusion: In evaluation mode, on the processor.
        photographs: Each (H, W, 3) RGB, uint8 or uint16, dark to bright, all of one size.

    Returns:
        The image (1, 3, H, W) in [0, 1], equal to 1e-3, and the fraction (1,) of values that were clipped;
        None where the fuser or the blending needs all exposures at once.
    """
    blending, exposures = fusion.blending, InTurn(photographs)
    if not isinstance(blending, MultiBand | WeightedSum):
        return None
    weigh = fusion.fuser.in_turn(exposures)
    if weigh is None:
        return None
    blended = blending.in_turn(exposures, weigh)
    del weigh  # with the maps that it keeps
    image = blending.finish_in_turn(exposures, blended)
    outside = torch.zeros(1)
    for rows in strips(image):
        part = image[..., rows, :]
        lowest, highest = part.aminmax()
        if lowest < 0 or highest > 1:
            clipped, share = clip(part)
            outside += share * (part.numel() / image.numel())
            part.copy_(clipped)
    return image, outside
