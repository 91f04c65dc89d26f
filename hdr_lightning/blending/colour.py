"""In which colours exposures are blended: the same weights for R, G and B, or luma and chroma apart."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.blending.in_range import paled
from hdr_lightning.blending.pyramid import Weights
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import around, strips
from hdr_lightning.planes import on_planes, plain

Colour = Literal["rgb", "ycbcr", "matched"]
Blend = Callable[[Tensor, Weights], Tensor]
"""Exposures (B, K, C, H, W) and weights to an image (B, C, H, W)."""

_RED, _BLUE = 0.299, 0.114  # of the luma, BT.601
_TINY = 1e-6
NEAR = 0.16
"""Difference of luma at which the colour of an exposure begins to count less."""
HEADROOM = 0.25
"""Distance from white below which a colour counts less: cameras pale it long before a channel is clipped."""
PARTLY = 0.3
"""How much a colour counts of which some channels are clipped, not all: its hue has moved, but not far."""
NOISE = 0.02
"""Luma of the dark in which a colour is mostly noise."""
STRONGEST = 2.5
"""How many times stronger than in the exposures a chroma may become, where the luma does."""
MARGIN = 2
"""Rows that the colour of a row is decided from beyond those of its own pair."""


def blend_in(colour: Colour, blend: Blend, exposures: Tensor, weights: Weights) -> Tensor:
    """Blend RGB exposures in a colour space.

    `rgb` applies the weights to R, G and B alike, as the paper does (eq. 3). `ycbcr` applies them to the
    luma only; each chroma is the mean over the exposures weighted by its distance from gray, so the most
    saturated exposure gives the colour (DeepFuse, Prabhakar et al. 2017, eq. 5). `matched` blends the luma
    too, and gives it colours by `matched`.

    Args:
        colour: `rgb`, `ycbcr` (BT.601, full range) or `matched`.
        blend: How weights mix exposures.
        exposures: (B, K, 3, H, W) in [0, 1].
        weights: (B, K, 1, H, W), sum to 1 over K, or those of bands.

    Returns:
        (B, 3, H, W), not clipped.
    """
    blended = blend(blended_planes(colour, exposures), weights)
    if colour != "matched":
        return coloured(colour, blended, exposures)
    parts = []
    for rows in strips(exposures[:, 0]):
        near, own = around(rows, MARGIN, exposures.shape[-2])
        parts.append(coloured(colour, blended[..., near, :], exposures[..., near, :])[..., own, :])
    return torch.cat(parts, dim=-2)


def blended_planes(colour: Colour, exposures: Tensor) -> Tensor:
    """What of exposures (B, K, 3, H, W) is blended: all of it, or a luma (B, K, 1, H, W)."""
    if colour == "rgb":
        return exposures
    return to_gray(exposures) if colour == "matched" else _split(exposures)[0]


def coloured(colour: Colour, blended: Tensor, exposures: Tensor) -> Tensor:
    """The image (B, 3, H, W) from what was blended (B, 1 or 3, H, W), each row from `MARGIN` rows around."""
    if colour == "rgb":
        return blended
    if colour == "matched":
        return matched(blended, exposures)
    chroma = _split(exposures)[1]
    saturation = chroma.abs() + _TINY
    return _join(blended, (chroma * saturation).sum(1) / saturation.sum(1))


def matched(luma: Tensor, exposures: Tensor) -> Tensor:
    """Give a luma the colours of the exposures that show a place about as bright as it is to be.

    The chroma of every exposure, its difference from gray, counts by how near its luma is, less where a
    channel may be clipped, hardly where all are, and less where it is so dark that it is noise. Their mean
    is scaled as the luma is, so saturation is kept, and paled as far as [0, 1] asks. That is decided at half
    the size. Detail of colour that is finer than this holds most of the noise, so there the exposures count
    by how far they stand out of it: the brightest that are not clipped. Gray stays gray, equal exposures stay
    as they are, and no hue is made that lies outside those of the exposures nearby. The result has the luma
    that was given.

    Args:
        luma: (B, 1, H, W).
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B, 3, H, W), outside [0, 1] only where the luma is.
    """
    images = exposures.unbind(1)
    wanted, halves = _halved(luma.clamp(0, 1)), [_halved(image) for image in images]
    grays = [to_gray(half) for half in halves]
    unclipped = [_unclipped(half) for half in halves]
    matching = [_trust(*each, wanted) for each in zip(halves, grays, unclipped, strict=True)]
    clean = [free * (gray + NOISE).square() for gray, free in zip(grays, unclipped, strict=True)]
    fine = _scaled(clean, grays, wanted)
    apart = zip(_scaled(matching, grays, wanted), fine, halves, strict=True)
    coarse = reduce(torch.add, ((match - part) * half for match, part, half in apart))
    sizes = [3, *[1] * len(fine)]
    chroma, *shares = torch.split(_doubled(torch.cat([coarse, *fine], dim=1), luma), sizes, dim=1)
    for share, image in zip(shares, images, strict=True):
        chroma = torch.addcmul(chroma, share, image)
    return paled(luma + chroma - to_gray(chroma))


def _scaled(trusts: Sequence[Tensor], grays: Sequence[Tensor], luma: Tensor) -> list[Tensor]:
    """Weights by how much each exposure is trusted, of which the mean is as strong as a luma asks."""
    bright = reduce(torch.add, (trust * (gray + NOISE) for trust, gray in zip(trusts, grays, strict=True)))
    scale = torch.minimum((luma + NOISE) / bright, STRONGEST / reduce(torch.add, trusts))
    return [trust * scale for trust in trusts]


def _halved(image: Tensor) -> Tensor:
    """Means of 2 x 2 pixels, or of those that there are at the end of an odd number of rows or columns."""
    if not plain(image):
        return F.avg_pool2d(image, 2, ceil_mode=True)
    height, width = image.shape[-2:]
    if height % 2 or width % 2:
        image = F.pad(image, (0, width % 2, 0, height % 2), mode="replicate")
    return on_planes(_resized, image, image.shape[-2] // 2, image.shape[-1] // 2)


def _doubled(halves: Tensor, whole: Tensor) -> Tensor:
    """Linear between means (B, C, h, w): (B, C, H, W), as large as the whole image that was halved."""
    if plain(halves):
        double = on_planes(_resized, halves, 2 * halves.shape[-2], 2 * halves.shape[-1])
    else:
        double = F.interpolate(halves, scale_factor=2, mode="bilinear", align_corners=False)
    return double[..., : whole.shape[-2], : whole.shape[-1]]


def _resized(plane: np.ndarray, other: np.ndarray) -> None:
    import cv2

    cv2.resize(plane, other.shape[::-1], dst=other, interpolation=cv2.INTER_LINEAR)  # halved: the mean


def _unclipped(image: Tensor) -> Tensor:
    """How far the colours of an image (B, 3, H, W) are from being clipped, 0.001 to 1 (B, 1, H, W)."""
    return ((1 - image.amax(1, keepdim=True)) / HEADROOM).clamp(1e-3, 1)


def _trust(image: Tensor, gray: Tensor, unclipped: Tensor, luma: Tensor) -> Tensor:
    """How much the colour of an exposure (B, 3, H, W) counts for a luma, above 0 (B, 1, H, W)."""
    partly = ((1 - image.amin(1, keepdim=True)) * (2 * PARTLY)).clamp_max(PARTLY)
    far = ((gray - luma) / NEAR).square()
    return torch.maximum(unclipped, partly) * (gray + 1e-3) / (gray + NOISE) / (1 + far).square()


def _split(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """(..., 3, H, W) to luma (..., 1, H, W) and chroma (..., 2, H, W), blue and red around 0."""
    red, green, blue = torch.split(rgb, 1, dim=-3)
    luma = _RED * red + (1 - _RED - _BLUE) * green + _BLUE * blue
    return luma, torch.cat([(blue - luma) / (2 - 2 * _BLUE), (red - luma) / (2 - 2 * _RED)], dim=-3)


def _join(luma: Tensor, chroma: Tensor) -> Tensor:
    """The inverse of `_split`."""
    blue_ness, red_ness = torch.split(chroma, 1, dim=-3)
    red, blue = luma + (2 - 2 * _RED) * red_ness, luma + (2 - 2 * _BLUE) * blue_ness
    return torch.cat([red, (luma - _RED * red - _BLUE * blue) / (1 - _RED - _BLUE), blue], dim=-3)


def checked(colour: str) -> Colour:
    """The name of a colour space, if it is one.

    Raises:
        InputError: It is none.
    """
    if colour not in get_args(Colour):
        raise InputError(f"blending.colour: Expected {' or '.join(get_args(Colour))}. Got {colour!r}")
    return colour  # type: ignore[return-value]
