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
            ctx: Of autograd.
            fused: (N, H, W); it alone receives a gradient, once.
            exposures: (K, N, H, W).
            gammas: For each window (K, N, H', W'), about the centre of the image.
            windows: The window of each gamma; borders do not matter here.
            constants: The constants c1 and c2.
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
    """As `_score_window`, of a few rows, all shaped (N, rows, W').

    With l and s for luminance and structure, d_l = m^2 + a^2 + c1 and d_s = var_f + var_k + c2, the slopes of
    sum_k gamma_k l_k s_k towards the moments of f are

        E[f k]:   2 gamma l / d_s
        E[f^2]:   -sum_k gamma l s / d_s
        E[f]:     2 sum_k (gamma s (a - l m) / d_l - gamma l E[k] / d_s + gamma l s E[f] / d_s)

    where E are the means around mid gray, and m = E[f] + 1/2, a = E[k] + 1/2.
    """
    c1, c2 = constants
    e_f, e_ff, *e_fks = moments
    e_ks, e_kks = fixed[: len(gamma)], fixed[len(gamma) :]
    m = e_f + _CENTRE
    m_squared, var_f = m.square(), e_ff.addcmul(e_f, e_f, value=-1)
    total, slope_m, slope_m_squared, slope_var = (torch.zeros_like(m) for _ in range(4))
    for e_fk, e_k, e_kk, gamma_k in zip(e_fks, e_ks, e_kks, gamma, strict=True):
        a = e_k + _CENTRE
        d_l = a.square().add_(m_squared).add_(c1)
        luminance = (m * a).mul_(2).add_(c1).div_(d_l)
        d_s = e_kk.addcmul(e_k, e_k, value=-1).add_(var_f).add_(c2)
        structure = e_fk.addcmul(e_f, e_k, value=-1).mul_(2).add_(c2).div_(d_s)
        gamma_l = gamma_k * luminance
        total.addcmul_(gamma_l, structure)
        gamma_l_by_d_s = gamma_l.div_(d_s)
        gamma_s_by_d_l = (gamma_k * structure).div_(d_l)
        slope_m.addcmul_(gamma_s_by_d_l, a).addcmul_(gamma_l_by_d_s, e_k, value=-1)
        slope_m_squared.addcmul_(gamma_s_by_d_l, luminance)
        slope_var.addcmul_(gamma_l_by_d_s, structure)
        torch.mul(gamma_l_by_d_s, 2, out=e_fk)
    slope_m.addcmul_(slope_m_squared, m, value=-1).addcmul_(slope_var, e_f)
    torch.mul(slope_m, 2, out=e_f)
    torch.neg(slope_var, out=e_ff)
    return total.sum()
