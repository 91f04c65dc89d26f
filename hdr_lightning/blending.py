"""Weights and exposures to one image: the weighted sum of the paper and the multi-band (pyramid) blend."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hdr_lightning.colour import Colour, blend_in, checked
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import strips
from hdr_lightning.pyramid import Weights, add_band, depth, down, weigh

CELL = 16
"""Side in pixels of the cells that `into_range` shifts: slower than the contrast that MEF-SSIM judges."""
PULL = 4.0
"""How many times the mean excess of its gray a cell is shifted by: few of its pixels lie outside."""
_TINY = 1e-6


def weighted_sum(exposures: Tensor, weights: Weights) -> Tensor:
    """Blend by the plain sum of weighted exposures (the paper, eq. 2 and 3).

    Args:
        exposures: (B, K, C, H, W) in [0, 1].
        weights: (B, K, 1, H, W), sum to 1 over K.

    Returns:
        (B, C, H, W), never outside the range of the exposures.

    Raises:
        InputError: if the two shapes do not belong together, or the weights are those of bands.
    """
    if not isinstance(weights, Tensor):
        raise InputError(
            "blending: Expected one weight for each pixel to blend by weighted_sum. "
            "Got weights of every band, which need multiband"
        )
    _check(exposures, weights)
    return weigh(exposures, weights)


def multiband(exposures: Tensor, weights: Weights, levels: int | None = None) -> Tensor:
    """Blend each band of a Laplacian pyramid by weights of its own, or all by one map (Mertens 2007, 3.2).

    One map is smoothed and halved from band to band, a Gaussian pyramid. The filters and edges are those of
    OpenCV's pyrDown and pyrUp (Burt and Adelson 1983: 1, 4, 6, 4, 1).

    Args:
        exposures: (B, K, C, H, W) in [0, 1], any size.
        weights: (B, K, 1, H, W), sum to 1 over K; or one tensor for every band of the full pyramid, each of
            the size of `pyramid.gaussian`, finest first. Where those of a band sum to something else, that is
            the factor by which the band is amplified; the coarsest sum to 1.
        levels: how often the pyramid halves the image; by default as often as the smaller side allows,
            `pyramid.depth`, which is also the most. Fewer levels leave halos and cost score.

    Returns:
        (B, C, H, W). Not clipped: a few per cent of the values usually lie outside [0, 1], see `clip`.

    Raises:
        InputError: if the shapes do not belong together, or `levels` is negative or set for weights of bands.
    """
    if levels is not None and levels < 0:
        raise InputError(f"Expected levels of the pyramid of 0 or more. Got {levels}.")
    full = depth(exposures)
    if isinstance(weights, Tensor):
        _check(exposures, weights)
        return _blend(exposures, weights, full if levels is None else min(levels, full))
    if len(weights) != full + 1 or levels not in (None, full):
        raise InputError(
            f"Expected the {full + 1} bands of the full pyramid for weights of every band. "
            f"Got weights of {len(weights)} and levels={levels}."
        )
    _check(exposures, weights[0])
    return _blend(exposures, weights, full)


def into_range(fused: Tensor) -> Tensor:
    """Shift the surroundings of values outside [0, 1] towards it, then pale the colours that still leave it.

    Red, green and blue are shifted alike. A cell is shifted by `PULL` times the mean by which its gray lies
    outside, but no further than the farthest gray; and at least by the mean of its most extreme colours. The
    shifts are smoothed over 3 x 3 cells and interpolated. What is outside then moves towards its gray as far
    as it has to, so hue and gray are kept. Nothing changes where a whole neighbourhood lies in [0, 1].

    Args:
        fused: (B, 3, H, W), as `multiband` gives it.

    Returns:
        (B, 3, H, W), outside [0, 1] only where the gray is.
    """
    shifts = torch.cat([_shifts(fused[..., rows, :]) for rows in strips(fused, CELL)], dim=-2)
    smooth = F.avg_pool2d(shifts, 3, stride=1, padding=1, count_include_pad=False)
    framed = F.pad(smooth, (1, 1, 1, 1), mode="replicate")
    wide = _interpolated(framed.transpose(-2, -1)).transpose(-2, -1)[..., : fused.shape[-1]]
    parts = []
    for rows in strips(fused, CELL):
        near = wide[..., rows.start // CELL : -(-rows.stop // CELL) + 2, :]
        parts.append(_paled(fused[..., rows, :] - _interpolated(near)[..., : rows.stop - rows.start, :]))
    return torch.cat(parts, dim=-2)


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

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W) to (B, 3, H, W)."""
        return blend_in(self.colour, weighted_sum, exposures, weights)


class MultiBand(nn.Module):
    """`multiband` as a module.

    Args:
        levels: how often the pyramid halves the image; None for as often as its size allows.
        colour: the colours that are blended, see `colour.blend_in`.
        in_range: move what leaves [0, 1] by `into_range`.
    """

    def __init__(self, levels: int | None = None, colour: Colour = "rgb", in_range: bool = False) -> None:
        super().__init__()
        self.levels, self.colour, self.in_range = levels, checked(colour), in_range

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W), or by those of bands, unclipped."""
        fused = blend_in(self.colour, partial(multiband, levels=self.levels), exposures, weights)
        return into_range(fused) if self.in_range else fused


def _shifts(fused: Tensor) -> Tensor:
    """How far to shift each cell (B, 1, H / 16, W / 16)."""
    height, width = fused.shape[-2:]
    gray = to_gray(fused)
    highest, lowest = fused.amax(1, keepdim=True), fused.amin(1, keepdim=True)
    outside = torch.cat([gray - 1, -gray, highest - 1, -lowest], dim=1).clamp_min(0)
    if height % CELL or width % CELL:
        outside = F.pad(outside, (0, -width % CELL, 0, -height % CELL), mode="replicate")
    means, farthest = F.avg_pool2d(outside, CELL), F.max_pool2d(outside[:, :2], CELL)
    above, below = torch.maximum(torch.minimum(PULL * means[:, :2], farthest), means[:, 2:]).unbind(1)
    return (above - below).unsqueeze(1)


def _paled(fused: Tensor) -> Tensor:
    """Colours (B, 3, H, W) as far from their gray as [0, 1] allows."""
    gray = to_gray(fused)
    above = (1 - gray).clamp_min(0) / (fused.amax(1, keepdim=True) - gray).clamp_min(_TINY)
    below = gray.clamp_min(0) / (gray - fused.amin(1, keepdim=True)).clamp_min(_TINY)
    pale = torch.lerp(gray, fused, torch.minimum(above, below).clamp_max(1))
    return pale.clamp_(gray.clamp_max(0), gray.clamp_min(1))  # rounding apart, only gray can be outside


def _interpolated(cells: Tensor) -> Tensor:
    """Linear between the centres of cells: (..., N + 2, W) to (..., 16 N, W), without the first and the last.

    As a product of matrices it is faster than `F.interpolate`.
    """
    place = (torch.arange(CELL, dtype=cells.dtype, device=cells.device) + 0.5) / CELL - 0.5
    taps = torch.stack([-place.clamp_max(0), 1 - place.abs(), place.clamp_min(0)], dim=-1)
    neighbours = torch.stack([cells[..., :-2, :], cells[..., 1:-1, :], cells[..., 2:, :]], dim=-2)
    return (taps @ neighbours).flatten(-3, -2)


def _check(exposures: Tensor, weights: Tensor) -> None:
    b, k, _, h, w = exposures.shape if exposures.ndim == 5 else (0,) * 5
    if k == 0 or weights.shape != (b, k, 1, h, w):
        raise InputError(
            "Expected exposures (B, K, C, H, W) and weights (B, K, 1, H, W). "
            f"Got {tuple(exposures.shape)} and {tuple(weights.shape)}."
        )


def _blend(exposures: Tensor, weights: Weights, levels: int) -> Tensor:
    single = isinstance(weights, Tensor)
    here = weights if isinstance(weights, Tensor) else weights[0]
    if levels == 0:
        return weigh(exposures, here)
    coarse = down(exposures)
    coarser = down(weights) if isinstance(weights, Tensor) else weights[1:]
    return add_band(_blend(coarse, coarser, levels - 1), coarse, exposures, here, amplified=not single)
