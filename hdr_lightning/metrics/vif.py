"""VIF: visual information fidelity of the fused image to each exposure (Sheikh, Bovik, TIP 2006)."""

import torch
from torch import Tensor
from torchmetrics.functional.image import visual_information_fidelity

from hdr_lightning.errors import InputError

SMALLEST = 41
"""Least side in pixels, so that the coarsest scale holds a window."""


def vif(fused: Tensor, exposures: Tensor) -> Tensor:
    """Information of the exposures that the fused image keeps: VIF to each of them, averaged over exposures.

    VIF itself is that of torchmetrics, on 8-bit levels of R, G and B. It is not the VIFF of Han (2013), which
    judges each window against one exposure only.

    Args:
        fused: (B, 3, H, W) in [0, 1], both sides at least 41 pixels.
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0, higher is better; above 1 where contrast is amplified. An exposure without
        any information, such as a black one, counts as kept.

    Raises:
        InputError: The image is too small.
    """
    if min(fused.shape[-2:]) < SMALLEST:
        height, width = fused.shape[-2:]
        raise InputError(f"vif: Expected sides of at least {SMALLEST} pixels. Got {height} x {width}")
    image = 255 * fused.double()
    kept = [
        visual_information_fidelity(image, 255 * exposure.double(), reduction="none")
        for exposure in exposures.unbind(1)
    ]
    scores: Tensor = torch.stack(kept).nan_to_num(1.0).mean(0)
    return scores
