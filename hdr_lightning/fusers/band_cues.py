"""What `BandNet` sees of a band: contrast, agreement of the exposures, and how well the bands so far did."""

import torch
from torch import Tensor

from hdr_lightning.cues import local_variance
from hdr_lightning.fusers.finer_bands import FLOOR
from hdr_lightning.fusers.windows import same_size

STRUCTURE = 0.03**2
"""Variance that counts as structure: the stability constant of MEF-SSIM."""
CUES = 4


def contrast_of(gray: Tensor) -> Tensor:
    """The local variance of gray (B, K, 1, H, W), in windows that fit into small images."""
    if min(gray.shape[-2:]) == 1:  # no window fits, and no structure either
        return torch.zeros_like(gray)
    return local_variance(gray, same_size(11, None, gray))


def cues_of(gray: Tensor, share: Tensor, contrast: Tensor, agreement: Tensor) -> list[Tensor]:
    """The `CUES` maps (B, K, 1, h, w) of a band, around 0: brightness, contrast, share of it, agreement."""
    return [
        gray - 0.5,
        _log(contrast, FLOOR) + 1,
        _log(share * (share.shape[1] / 2), 10 * FLOOR) + 0.5,
        agreement.expand_as(contrast) - 0.75,
    ]


def agreement_of(gray: Tensor, variances: Tensor) -> Tensor:
    """How well the structures of the exposures agree (B, 1, 1, H, W), 0 to 1: the R of MEF-SSIM."""
    together = contrast_of(gray.sum(1, keepdim=True)).clamp_min(0)
    alone = (variances.clamp_min(0) + FLOOR / gray.shape[1]).sqrt().sum(1, keepdim=True)
    return ((together + FLOOR).sqrt() / alone).clamp_max(1.2)


def success_of(preview: Tensor, gray: Tensor, variances: Tensor) -> tuple[Tensor, Tensor]:
    """How strong the contrast of the preview is, against the strongest, and how much like each exposure's."""
    variances = variances.clamp_min(0)
    own, both = (contrast_of(image).clamp_min(0) for image in (preview, preview + gray))
    strength = (own + STRUCTURE).log() - (variances.amax(1, keepdim=True) + STRUCTURE).log()
    similarity = (both - own - variances + STRUCTURE) / (own + variances + STRUCTURE)
    return strength.expand_as(gray), similarity


def _log(values: Tensor, floor: float) -> Tensor:
    """Logarithm of positive values in a range that suits a network."""
    return (values + floor).log() / 4
