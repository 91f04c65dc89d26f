"""The pyramid of Burt and Adelson (1983), with the filters and edges of OpenCV's pyrDown and pyrUp."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.filters import strips
from hdr_lightning.planes import on_planes, plain

Weights = Tensor | Sequence[Tensor]
"""(B, K, 1, H, W) that sum to 1 over K; or a tensor for every band of a pyramid, finest first, whose sum over
K is the factor by which that band is amplified."""


def depth(images: Tensor) -> int:
    """How often (..., H, W) can be halved: floor(log2(min(H, W)))."""
    return min(images.shape[-2:]).bit_length() - 1


def halvings(height: int, width: int) -> list[tuple[int, int]]:
    """Height and width of every level of the full pyramid, finest first."""
    levels = range(min(height, width).bit_length())
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def halvings_for(weights: Weights, levels: int | None, deepest: int) -> int:
    """How often a pyramid halves an image that can be halved so often, to blend it by these weights.

    Args:
        weights: One map, or those of every band.
        levels: How often at most; None for as often as possible.
        deepest: The `depth` of the image.

    Raises:
        InputError: `levels` is negative, or weights of bands are not those of a pyramid of so many.
    """
    if levels is not None and levels < 0:
        raise InputError(f"Expected levels of the pyramid of 0 or more. Got {levels}")
    if isinstance(weights, Tensor):
        return deepest if levels is None else min(levels, deepest)
    bands = (deepest if levels is None else levels) + 1
    if len(weights) != bands or bands > deepest + 1:
        raise InputError(
            f"Expected the {deepest + 1} bands of the full pyramid for weights of every band. "
            f"Got weights of {len(weights)} and levels={levels}"
        )
    return bands - 1


def gaussian(images: Tensor, levels: int) -> list[Tensor]:
    """The images (B, K, C, H, W) and `levels` halvings of them, finest first."""
    pyramid = [images]
    for _ in range(levels):
        pyramid.append(down(pyramid[-1]))
    return pyramid


def down(x: Tensor) -> Tensor:
    """Smooth and halve (B, K, C, H, W) to (B, K, C, ceil(H / 2), ceil(W / 2)), mirrored at the edges."""
    if plain(x):
        return on_planes(_reduce, x, *((side + 1) // 2 for side in x.shape[-2:]))
    parts = []
    for rows in strips(x):
        half = _halve(_window(x, -2, rows.start - 2, rows.stop + 1 + rows.stop % 2), -2)
        parts.append(_halve(_window(half, -1, -2, x.shape[-1] + 1 + x.shape[-1] % 2), -1))
    return torch.cat(parts, dim=-2)


def up(images: Tensor, height: int, width: int, rows: slice | None = None) -> Tensor:
    """Expand and smooth (B, K, C, ceil(H / 2), ceil(W / 2)) to (B, K, C, H, W), or to `rows` of it.

    The strip `rows` begins at an even row.
    """
    rows = slice(0, height) if rows is None else rows
    if plain(images):
        return _up(images, height, width, rows)
    images = _window(images, -2, rows.start // 2 - 1, (rows.stop + 1) // 2 + 1, scale=2)
    wide = _double(_window(images, -1, -1, images.shape[-1] + 1, scale=2), -1)[..., :width]
    return _double(wide, -2)[..., : rows.stop - rows.start, :]


def _up(images: Tensor, height: int, width: int, rows: slice) -> Tensor:
    """`up` by OpenCV, with a row more on both sides for what the filter sees there."""
    first, last = max(rows.start // 2 - 1, 0), min((rows.stop + 1) // 2 + 1, images.shape[-2])
    wide = on_planes(_expand, images[..., first:last, :], min(2 * last, height) - 2 * first, width)
    return wide[..., rows.start - 2 * first : rows.stop - 2 * first, :]


def _reduce(plane: np.ndarray, reduced: np.ndarray) -> None:
    import cv2  # a tenth of a second that loading a checkpoint need not wait for

    cv2.pyrDown(plane, reduced)


def _expand(plane: np.ndarray, expanded: np.ndarray) -> None:
    import cv2

    cv2.pyrUp(plane, expanded, expanded.shape[::-1])


def add_band(
    image: Tensor, coarse: Tensor, exposures: Tensor, weights: Tensor, amplified: bool = False
) -> Tensor:
    """Collapse one level of the pyramid: the fused image of twice the size, with the band that it lacked.

    With weights that sum to 1, the usual sum of a band, sum_k W_k (I_k - up(I_k')) + up(fused'), is written
    as sum_k W_k (I_k + up(fused' - I_k')): one expansion fewer, and no band is ever kept. Other sums of
    weights need (1 - sum_k W_k) up(fused') beside it.

    Args:
        image: (B, C, H', W'), fused so far.
        coarse: (B, K, C, H', W'), the exposures halved.
        exposures: (B, K, C, H, W).
        weights: (B, K, 1, H, W).
        amplified: The weights may sum to something else than 1.

    Returns:
        (B, C, H, W).
    """
    image = image.unsqueeze(1)
    change = image - coarse
    height, width = exposures.shape[-2:]
    parts = []
    for rows in strips(exposures):
        here = weights[..., rows, :]
        part = weigh(exposures[..., rows, :] + up(change, height, width, rows), here)
        if amplified:
            part = part + (1 - here.sum(1)) * up(image, height, width, rows).squeeze(1)
        parts.append(part)
    return torch.cat(parts, dim=-2)


def weigh(exposures: Tensor, weights: Tensor) -> Tensor:
    """The sum over K of exposures (B, K, C, H, W) times weights (B, K, 1, H, W)."""
    total = exposures[:, 0] * weights[:, 0]
    for k in range(1, exposures.shape[1]):
        total.addcmul_(exposures[:, k], weights[:, k])
    return total


def _window(x: Tensor, dim: int, start: int, stop: int, scale: int = 1) -> Tensor:
    """The values start ... stop - 1 along `dim`, mirrored (edge not repeated) outside the image.

    With `scale` 2 the mirrors stand where they are in the expanded image, so the last value is repeated.
    """
    size = x.shape[dim]
    first, last = max(start, 0), min(stop, size)
    inner = x.narrow(dim, first, last - first)
    outside = [*range(start, first), *range(last, stop)]
    if not outside:
        return inner
    edge = [x.narrow(dim, _mirror(scale * i, scale * size) // scale, 1) for i in outside]
    return torch.cat([*edge[: first - start], inner, *edge[first - start :]], dim)


def _mirror(i: int, size: int) -> int:
    return abs(i) if abs(i) < size else 2 * size - 2 - abs(i)


def _halve(x: Tensor, dim: int) -> Tensor:
    """Every second value after the filter (1, 4, 6, 4, 1) / 16 along `dim`: 2N + 3 values give N."""
    a, b, c, d, e = x.unfold(dim, 5, 2).unbind(-1)
    return (c * 0.375).add_(b, alpha=0.25).add_(d, alpha=0.25).add_(a, alpha=0.0625).add_(e, alpha=0.0625)


def _double(x: Tensor, dim: int) -> Tensor:
    """Twice as many values by the filter (1, 4, 6, 4, 1) / 8 along `dim`: N + 2 values give 2N."""
    a, b, c = x.unfold(dim, 3, 1).unbind(-1)
    even = (b * 0.75).add_(a, alpha=0.125).add_(c, alpha=0.125)
    return torch.stack((even, (b + c).mul_(0.5)), dim).flatten(dim - 1, dim)
