"""Weights and exposures to one image: the weighted sum of the paper and the multi-band (pyramid) blend."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from hdr_lightning.colour import Colour, blend_in, checked
from hdr_lightning.errors import InputError

STRIP = 1 << 19
"""Values that the pyramid works on at a time: from the processor's cache it is five times faster."""


def weighted_sum(exposures: Tensor, weights: Tensor) -> Tensor:
    """Blend by the plain sum of weighted exposures (the paper, eq. 2 and 3).

    Args:
        exposures: (B, K, C, H, W) in [0, 1].
        weights: (B, K, 1, H, W), sum to 1 over K.

    Returns:
        (B, C, H, W), never outside the range of the exposures.

    Raises:
        InputError: if the two shapes do not belong together.
    """
    _check(exposures, weights)
    return _sum(exposures, weights)


def multiband(exposures: Tensor, weights: Tensor, levels: int | None = None) -> Tensor:
    """Blend each band of a Laplacian pyramid by a Gaussian pyramid of the weights (Mertens 2007, 3.2).

    The filters and edges are those of OpenCV's pyrDown and pyrUp (Burt and Adelson 1983: 1, 4, 6, 4, 1).

    Args:
        exposures: (B, K, C, H, W) in [0, 1], any size.
        weights: (B, K, 1, H, W), sum to 1 over K.
        levels: how often the pyramid halves the image; by default as often as the smaller side allows,
            floor(log2(min(H, W))), which is also the most. Fewer levels leave halos and cost score.

    Returns:
        (B, C, H, W). Not clipped: a few per cent of the values usually lie outside [0, 1], see `clip`.

    Raises:
        InputError: if the two shapes do not belong together or `levels` is negative.
    """
    _check(exposures, weights)
    full = min(exposures.shape[-2:]).bit_length() - 1
    if levels is not None and levels < 0:
        raise InputError(f"Expected levels of the pyramid of 0 or more. Got {levels}.")
    return _blend(exposures, weights, full if levels is None else min(levels, full))


def clip(fused: Tensor) -> tuple[Tensor, Tensor]:
    """Clip to [0, 1] and say how much that changed.

    Args:
        fused: (B, C, H, W), any range.

    Returns:
        The image (B, C, H, W) in [0, 1] and the fraction (B,) of values that lay outside.
    """
    clipped = fused.clamp(0, 1)
    return clipped, (clipped != fused).flatten(1).float().mean(1)


class WeightedSum(nn.Module):
    """`weighted_sum` as a module.

    Args:
        colour: the colours that are blended, see `colour.blend_in`.
    """

    def __init__(self, colour: Colour = "rgb") -> None:
        super().__init__()
        self.colour = checked(colour)

    def forward(self, exposures: Tensor, weights: Tensor) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W) to (B, 3, H, W)."""
        return blend_in(self.colour, weighted_sum, exposures, weights)


class MultiBand(nn.Module):
    """`multiband` as a module.

    Args:
        levels: how often the pyramid halves the image; None for as often as its size allows.
        colour: the colours that are blended, see `colour.blend_in`.
    """

    def __init__(self, levels: int | None = None, colour: Colour = "rgb") -> None:
        super().__init__()
        self.levels, self.colour = levels, checked(colour)

    def forward(self, exposures: Tensor, weights: Tensor) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W) to (B, 3, H, W), unclipped."""
        return blend_in(self.colour, partial(multiband, levels=self.levels), exposures, weights)


def _check(exposures: Tensor, weights: Tensor) -> None:
    b, k, _, h, w = exposures.shape if exposures.ndim == 5 else (0,) * 5
    if k == 0 or weights.shape != (b, k, 1, h, w):
        raise InputError(
            "Expected exposures (B, K, C, H, W) and weights (B, K, 1, H, W). "
            f"Got {tuple(exposures.shape)} and {tuple(weights.shape)}."
        )


def _sum(exposures: Tensor, weights: Tensor) -> Tensor:
    total = exposures[:, 0] * weights[:, 0]
    for k in range(1, exposures.shape[1]):
        total.addcmul_(exposures[:, k], weights[:, k])
    return total


def _blend(exposures: Tensor, weights: Tensor, levels: int) -> Tensor:
    # The usual sum of a band, sum_k W_k (I_k - up(I_k')) + up(fused'), written with sum_k W_k = 1 as
    # sum_k W_k (I_k + up(fused' - I_k')): one expansion fewer, and no band is ever kept.
    if levels == 0:
        return _sum(exposures, weights)
    coarse = _down(exposures)
    change = _blend(coarse, _down(weights), levels - 1).unsqueeze(1) - coarse
    strips = [
        _sum(exposures[..., rows, :] + _up(change, rows, exposures.shape[-1]), weights[..., rows, :])
        for rows in _strips(exposures)
    ]
    return torch.cat(strips, dim=-2)


def _strips(x: Tensor) -> Iterator[slice]:
    """Rows of (B, K, C, H, W) from top to bottom, each strip beginning at an even row."""
    height = x.shape[-2]
    step = max(STRIP // x[0, ..., 0, :].numel(), 16) // 2 * 2
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def _down(x: Tensor) -> Tensor:
    """Smooth and halve (B, K, C, H, W) to (B, K, C, ceil(H / 2), ceil(W / 2)), mirrored at the edges."""
    strips = []
    for rows in _strips(x):
        half = _halve(_window(x, -2, rows.start - 2, rows.stop + 1 + rows.stop % 2), -2)
        strips.append(_halve(_window(half, -1, -2, x.shape[-1] + 1 + x.shape[-1] % 2), -1))
    return torch.cat(strips, dim=-2)


def _up(x: Tensor, rows: slice, width: int) -> Tensor:
    """Expand (B, K, C, ceil(H / 2), ceil(W / 2)) to the strip `rows` of (B, K, C, H, W) and smooth."""
    x = _window(x, -2, rows.start // 2 - 1, (rows.stop + 1) // 2 + 1, scale=2)
    wide = _double(_window(x, -1, -1, x.shape[-1] + 1, scale=2), -1)[..., :width]
    return _double(wide, -2)[..., : rows.stop - rows.start, :]


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
