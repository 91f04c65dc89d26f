"""In which colours exposures are blended: the same weights for R, G and B, or luma and chroma apart."""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

from hdr_lightning.blending.matched_colours import MARGIN, matched
from hdr_lightning.blending.pyramid import Weights
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import around, strips

Colour = Literal["rgb", "ycbcr", "matched"]
Blend = Callable[[Tensor, Weights], Tensor]
"""Exposures (B, K, C, H, W) and weights to an image (B, C, H, W)."""

_RED, _BLUE = 0.299, 0.114  # of the luma, BT.601
_TINY = 1e-6


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
