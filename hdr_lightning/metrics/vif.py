"""VIF: visual information fidelity of the fused image to each exposure (Sheikh, Bovik, TIP 2006)."""

import torch
from torch import Tensor
from torchmetrics.functional.image import visual_information_fidelity

from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError

SMALLEST = 41
"""Least side in pixels, so that the coarsest scale holds a window."""


def vif(fused: Tensor, exposures: Tensor) -> Tensor:
    """Information of the exposures that the fused image keeps: VIF to each of them, averaged over exposures.

    VIF itself is that of torchmetrics, on gray of 8-bit levels, in float32: exact to 1e-3. It is not the VIFF
    of Han (2013), which judges each window against one exposure only.

    Args:
        fused: (B, 3, H, W) in [0, 1], both sides at least 41 pixels.
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), at least 0, higher is better; above 1 where contrast is amplified. An exposure without any
        information, such as a black one, counts as kept.

    Raises:
        InputError: The image is too small.
    """
    if min(fused.shape[-2:]) < SMALLEST:
        height, width = fused.shape[-2:]
        raise InputError(f"vif: Expected sides of at least {SMALLEST} pixels. Got {height} x {width}")
    # Around mid gray few digits cancel; float64 takes ten times as long.
    image, sources = (255 * to_gray(pixels).float() - 127.5 for pixels in (fused, exposures))
    kept = [visual_information_fidelity(image, source, reduction="none") for source in sources.unbind(1)]
    scores: Tensor = torch.stack(kept).nan_to_num(1.0).mean(0)
    return scores
