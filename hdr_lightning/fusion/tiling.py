"""Photographs of any size through a network: weights in overlapping tiles, the blending once for the whole.

A network of 3x3 convolutions keeps tens of feature maps per pixel: some 20 GB for two exposures of 24 Mpx
at a quarter of the paper's width. Only what sees a limited surrounding can be cut without a trace: the fusers
that measure the whole image (histograms, means) are called on the whole image, and need few maps.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from hdr_lightning.blending.pyramid import Weights
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusion import Fused, Fusion, finish

TILE = 1024
"""Side of a tile in pixels, without the surrounding that is computed and thrown away."""


def fuse_in_tiles(fusion: Fusion, exposures: Tensor, tile: int = TILE) -> Fused:
    """What `fusion(exposures)` gives, in bounded memory where its fuser has a `Reach`.

    Args:
        fusion: Fuser and blending, in evaluation mode: batch statistics of a tile are not the image's.
        exposures: (B, K, 3, H, W) in [0, 1], sorted dark to bright.
        tile: Side of a tile in pixels.

    Returns:
        Image, weights and clipped fraction, equal to the untiled ones to 1e-4.
    """
    exposures = fusion.agree(exposures)
    weights = weigh_in_tiles(fusion.fuser, exposures, tile)
    return finish(fusion.blending(exposures, weights), weights)


def weigh_in_tiles(fuser: Fuser, exposures: Tensor, tile: int = TILE) -> Weights:
    """The weights of exposures (B, K, 3, H, W), as `fuser` gives them for the whole image."""
    limits = fuser.reach
    height, width = exposures.shape[-2:]
    if limits is None or max(height, width) <= tile:
        return fuser(exposures)
    step = math.ceil(tile / limits.grid) * limits.grid
    weights = torch.empty_like(exposures[:, :, :1])
    for rows in _spans(height, step, limits.margin):
        for columns in _spans(width, step, limits.margin):
            part = fuser(exposures[..., rows.seen, columns.seen])
            weights[..., rows.kept, columns.kept] = part[..., rows.inside, columns.inside]
    return weights


class _Span(NamedTuple):
    """One tile along one axis: pixels read, pixels kept of them, and where these lie among the read ones."""

    seen: slice
    kept: slice
    inside: slice


def _spans(size: int, step: int, margin: int) -> Iterator[_Span]:
    for start in range(0, size, step):
        stop = min(start + step, size)
        first, last = max(start - margin, 0), min(stop + margin, size)
        yield _Span(slice(first, last), slice(start, stop), slice(start - first, stop - first))
