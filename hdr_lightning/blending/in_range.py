"""Values that leave [0, 1] brought back: shifted and paled, bent, or clipped and counted."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.filters import strips

CELL = 16
"""Side in pixels of the cells that `into_range` shifts: slower than the contrast that MEF-SSIM judges."""
PULL = 4.0
"""How many times the mean excess of its gray a cell is shifted by: few of its pixels lie outside."""
KNEE = 0.01
"""The most that `soft_clip` makes room for: more of it costs the contrast of what is just inside."""
TOE = 2.0
"""How many times as far into [0, 1] it bends; blacks then keep a third of their contrast."""
_TINY = 1e-6


def into_range(fused: Tensor) -> Tensor:
    """Shift the surroundings of values outside [0, 1] towards it, then pale the colours that still leave it.

    Red, green and blue are shifted alike. A cell is shifted by `PULL` times the mean by which its gray lies
    outside, but no further than the farthest gray; and at least by the mean of its most extreme colours. The
    shifts are smoothed over 3 x 3 cells and interpolated. What is outside then moves towards its gray as far
    as it has to, so hue and gray are kept. Nothing changes where a whole neighbourhood lies in [0, 1].

    Args:
        fused: (B, 3, H, W), as `multiband` gives it, or gray (B, 1, H, W).

    Returns:
        The same shape, outside [0, 1] only where the gray is.

    Examples:
        >>> inside = torch.rand(1, 3, 16, 16)
        >>> torch.equal(into_range(inside), inside)
        True
    """
    shifts = torch.cat([_shifts(fused[..., rows, :]) for rows in strips(fused, CELL)], dim=-2)
    shifts = F.avg_pool2d(shifts, 3, stride=1, padding=1, count_include_pad=False)
    parts = [paled(fused[..., rows, :] - near) for rows, near in _between(shifts, fused)]
    return torch.cat(parts, dim=-2)


def soft_clip(gray: Tensor) -> Tensor:
    """Bend the blacks and whites where surroundings leave [0, 1], so that less is clipped.

    Where the farthest gray of the 3 x 3 cells around lies e outside, but at most `KNEE`, a parabola takes -e
    to 0 and goes over into the values from `TOE` times e on, which stay; likewise at 1. Nothing changes where
    a whole neighbourhood lies in [0, 1].

    Args:
        gray: (B, 1, H, W), any range, after `into_range`.

    Returns:
        The same shape, outside [0, 1] only where it was by more than `KNEE`.

    Examples:
        >>> gray = torch.full((1, 1, 32, 32), 0.02)
        >>> gray[..., 5, 5] = -0.008
        >>> soft_clip(gray).min().item() >= 0
        True
    """
    far = torch.cat([_farthest(gray[..., rows, :]) for rows in strips(gray, CELL)], dim=-2)
    room = F.max_pool2d(far.clamp(0, KNEE), 3, stride=1, padding=1)
    parts = []
    for rows, near in _between(room, gray):
        side = gray[..., rows, :] - 0.5  # negative below middle gray
        reach = side.abs().sub_(0.5).add_(near, alpha=TOE).clamp_min_(0)
        reach = torch.minimum(reach, (TOE + 1) * near)
        lift = reach.square().div_((TOE + 1) ** 2 * near.clamp_min(_TINY**2))
        parts.append(gray[..., rows, :] - lift.copysign_(side))
    return torch.cat(parts, dim=-2)


def clip(fused: Tensor) -> tuple[Tensor, Tensor]:
    """Clip to [0, 1] and say how much that changed.

    Args:
        fused: (B, C, H, W), any range.

    Returns:
        The image (B, C, H, W) in [0, 1] and the fraction (B,) of values that lay outside.

    Examples:
        >>> image, outside = clip(torch.tensor([-0.5, 0.5, 0.5, 1.0]).expand(1, 3, 1, 4))
        >>> image[0, 0, 0], outside
        (tensor([0.0000, 0.5000, 0.5000, 1.0000]), tensor([0.2500]))
    """
    clipped = fused.clamp(0, 1)
    changed = torch.count_nonzero((clipped != fused).flatten(1), dim=1)
    return clipped, changed / fused[0].numel()


def paled(fused: Tensor) -> Tensor:
    """Colours moved towards their gray as far as [0, 1] asks for.

    Args:
        fused: (B, 3, H, W), any range; or gray (B, 1, H, W), which stays as it is.

    Returns:
        The same shape, outside [0, 1] only where the gray is.
    """
    if fused.shape[1] == 1:
        return fused
    gray = to_gray(fused)
    pale = torch.lerp(gray, fused, room_for(fused - gray, gray))
    return pale.clamp_(gray.clamp_max(0), gray.clamp_min(1))  # rounding apart, only gray can be outside


def room_for(chroma: Tensor, gray: Tensor) -> Tensor:
    """How much of a chroma (B, 3, H, W) fits into [0, 1] around a gray (B, 1, H, W), 0 to 1."""
    above = (1 - gray).clamp_min_(0) / chroma.amax(1, keepdim=True).clamp_min(_TINY)
    below = gray.clamp_min(0) / chroma.amin(1, keepdim=True).neg().clamp_min_(_TINY)
    return torch.minimum(above, below).clamp_max_(1)


def _shifts(fused: Tensor) -> Tensor:
    """How far to shift each cell (B, 1, H / 16, W / 16)."""
    gray = fused if fused.shape[1] == 1 else to_gray(fused)
    far = [gray - 1, -gray]
    if fused.shape[1] > 1:
        far += [fused.amax(1, keepdim=True) - 1, -fused.amin(1, keepdim=True)]
    outside = _whole_cells(torch.cat(far, dim=1).clamp_min(0))
    means, farthest = F.avg_pool2d(outside, CELL), F.max_pool2d(outside[:, :2], CELL)
    above, below = torch.maximum(torch.minimum(PULL * means[:, :2], farthest), means[:, -2:]).unbind(1)
    return (above - below).unsqueeze(1)


def _farthest(gray: Tensor) -> Tensor:
    """How far the farthest of each cell lies outside [0, 1] (B, 1, H / 16, W / 16), negative inside."""
    far = _whole_cells((gray - 0.5).abs())
    rows = torch.unflatten(far, -2, (-1, CELL)).amax(-2)
    return torch.unflatten(rows, -1, (-1, CELL)).amax(-1) - 0.5


def _whole_cells(image: Tensor) -> Tensor:
    """Its last row and column repeated up to whole cells."""
    height, width = image.shape[-2:]
    if height % CELL or width % CELL:
        return F.pad(image, (0, -width % CELL, 0, -height % CELL), mode="replicate")
    return image


def _between(cells: Tensor, image: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Strips of rows of an image (..., H, W), and values of its cells interpolated there (..., h, W)."""
    framed = F.pad(cells, (1, 1, 1, 1), mode="replicate")
    wide = _interpolated(framed.transpose(-2, -1)).transpose(-2, -1)[..., : image.shape[-1]]
    for rows in strips(image, CELL):
        near = wide[..., rows.start // CELL : -(-rows.stop // CELL) + 2, :]
        yield rows, _interpolated(near)[..., : rows.stop - rows.start, :]


def _interpolated(cells: Tensor) -> Tensor:
    """Linear between the centres of cells: (..., N + 2, W) to (..., 16 N, W), without the first and the last.

    As a product of matrices it is faster than `F.interpolate`; autocast would round it to 16 bits.
    """
    place = (torch.arange(CELL, dtype=cells.dtype, device=cells.device) + 0.5) / CELL - 0.5
    taps = torch.stack([-place.clamp_max(0), 1 - place.abs(), place.clamp_min(0)], dim=-1)
    neighbours = torch.stack([cells[..., :-2, :], cells[..., 1:-1, :], cells[..., 2:, :]], dim=-2)
    with torch.autocast(cells.device.type, enabled=False):
        return (taps @ neighbours).flatten(-3, -2)
