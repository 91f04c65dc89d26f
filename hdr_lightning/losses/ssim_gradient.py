"""Value and gradient of the weighted SSIM, written by hand and computed together.

Of the moments under a window only three kinds depend on the fused image f: the means of f, of f^2 and of f
times each exposure k. So the backward pass is these few filters, transposed; and as the gradient is ready
when the value is, no map is kept for it. SSIM (Wang et al. 2004) is the product of

    luminance = (2 m a + c1) / (m^2 + a^2 + c1)    and    structure = (2 cov + c2) / (var_f + var_k + c2)

with m and a the means of f and k. Second moments are taken around mid gray, where fewer digits cancel.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from hdr_lightning.filters import Window, filter_planes, interleave

_CENTRE = 0.5
_PLANES = 16  # as many as oneDNN filters together at full speed
_BLOCK = 2**16  # values of a map at a time, so that all maps of a block stay in the cache


class WeightedSSIM(torch.autograd.Function):
    """Mean over windows, planes and positions of `sum_k gamma_k ssim_k`."""

    @staticmethod
    def forward(
        ctx: Any,
        fused: Tensor,
        exposures: Tensor,
        gammas: Sequence[Tensor],
        windows: Sequence[Window],
        constants: tuple[float, float],
    ) -> tuple[Tensor, Tensor]:
        """The mean, a scalar, and without a gradient the mean of each window, (len(windows),).

        Args:
            ctx: of autograd.
            fused: (N, H, W); it alone receives a gradient, once.
            exposures: (K, N, H, W).
            gammas: for each window (K, N, H', W'), about the centre of the image.
            windows: the window of each gamma; borders do not matter here.
            constants: c1 and c2.
        """
        gradient = torch.zeros_like(fused)
        scores = fused.new_zeros(len(windows))
        step = _PLANES if fused.device.type == "cpu" else len(fused)
        for start in range(0, len(fused), step):
            part = slice(start, start + step)
            totals, gradient[part] = _score_planes(
                fused[part], exposures[:, part], [gamma[:, part] for gamma in gammas], windows, constants
            )
            scores += totals * (len(fused[part]) / len(fused))
            gradient[part] *= len(fused[part]) / len(fused)
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(scores)
        return scores.mean(), scores

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient found on the way forward, times the slope."""
        (gradient,) = ctx.saved_tensors
        return slope * gradient, None, None, None, None


def _score_planes(
    fused: Tensor,
    exposures: Tensor,
    gammas: Sequence[Tensor],
    windows: Sequence[Window],
    constants: tuple[float, float],
) -> tuple[Tensor, Tensor]:
    """Scores of the windows and gradient of their mean, of a few planes: arguments as for `WeightedSSIM`."""
    image = interleave(fused) - _CENTRE
    inputs = [interleave(planes) - _CENTRE for planes in exposures]
    own = [image, image.square(), *(image * other for other in inputs)]
    given = [*inputs, *(other.square() for other in inputs)]
    slopes = [torch.zeros_like(image) for _ in own]
    scores = []
    for window, gamma in zip(windows, gammas, strict=True):
        taps = window.taps()
        margin = (fused.shape[-1] - gamma.shape[-1] - window.size + 1) // 2
        moments = [filter_planes(_inside(planes, margin), taps) for planes in own]
        fixed = [filter_planes(_inside(planes, margin), taps) for planes in given]
        trust = [interleave(planes) for planes in gamma]
        scores.append(_score_window(moments, fixed, trust, constants) / gamma[0].numel())
        for slope, planes in zip(slopes, moments, strict=True):
            transposed = filter_planes(planes, taps, padding=window.size - 1)
            _inside(slope, margin).add_(transposed, alpha=1 / (len(windows) * gamma[0].numel()))
    gradient = slopes[0].addcmul_(image, slopes[1], value=2)
    for other, slope in zip(inputs, slopes[2:], strict=True):
        gradient.addcmul_(other, slope)
    return torch.stack(scores), gradient


def _inside(planes: Tensor, margin: int) -> Tensor:
    height, width = planes.shape[-2:]
    return planes[:, margin : height - margin, margin : width - margin]


def _score_window(
    moments: list[Tensor], fixed: list[Tensor], gamma: list[Tensor], constants: tuple[float, float]
) -> Tensor:
    """Sum of gamma * SSIM over the maps of one window; each of `moments` becomes the slope towards it."""
    planes, height, width = moments[0].shape
    rows = max(1, _BLOCK // (planes * width)) if moments[0].device.type == "cpu" else height
    total = moments[0].new_zeros(())
    for top in range(0, height, rows):
        block = slice(top, top + rows)
        total += _score_block(_rows(moments, block), _rows(fixed, block), _rows(gamma, block), constants)
    return total


def _rows(maps: list[Tensor], rows: slice) -> list[Tensor]:
    return [planes[:, rows] for planes in maps]


def _score_block(
    moments: list[Tensor], fixed: list[Tensor], gamma: list[Tensor], constants: tuple[float, float]
) -> Tensor:
    """As `_score_window`, of a few rows, all shaped (N, rows, W')."""
    c1, c2 = constants
    mean, power, *products = moments
    bright = mean + _CENTRE
    square, variance = bright.square(), power.addcmul(mean, mean, value=-1)
    total, towards_mean, pull, spread = (torch.zeros_like(mean) for _ in range(4))
    for product, other, energy, trust in zip(
        products, fixed[: len(gamma)], fixed[len(gamma) :], gamma, strict=True
    ):
        shine = other + _CENTRE
        below = shine.square().add_(square).add_(c1)
        luminance = (bright * shine).mul_(2).add_(c1).div_(below)
        spreads = energy.addcmul(other, other, value=-1).add_(variance).add_(c2)
        structure = product.addcmul(mean, other, value=-1).mul_(2).add_(c2).div_(spreads)
        by_structure = trust * luminance
        total.addcmul_(by_structure, structure)
        by_structure.div_(spreads)
        by_luminance = (trust * structure).div_(below)
        towards_mean.addcmul_(by_luminance, shine).addcmul_(by_structure, other, value=-1)
        pull.addcmul_(by_luminance, luminance)
        spread.addcmul_(by_structure, structure)
        torch.mul(by_structure, 2, out=product)
    torch.mul(towards_mean.addcmul_(pull, bright, value=-1).addcmul_(spread, mean), 2, out=mean)
    torch.neg(spread, out=power)
    return total.sum()
