"""MEF-SSIM: the official, multi-scale, gray one (Ma, Zeng, Wang, IEEE TIP 2015), without a loop over pixels.

Every patch of the reference is a mixture `r = sum_k a_k (x_k - mean x_k)` of the patches of the exposures,
with one number a_k per patch and exposure. So its norm, its variance and its covariance with the fused image
are quadratic forms in box and Gaussian moments of pairwise products of images, which separable filters give.

It has no luminance term and sees no colour. Other scores of the same name (for one, MEF-SSIM_c of 2018)
differ from it by up to 0.15.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window, smooth
from hdr_lightning.metrics.per_scene import PerSceneMetric

MIN_SIDE = 44
"""The third scale is a quarter of the image and has to hold one patch of 11 x 11 pixels."""

_SIDE = 11
_BOX, _GAUSSIAN = Window(_SIDE, sigma=None), Window(_SIDE, sigma=1.5)
_STABILITY = (0.03 * 255) ** 2
_EPS = 2.0**-52  # of Matlab, whatever the precision here
_MAX_POWER = 10.0
_SCALE_POWERS = tuple(beta / (0.0448 + 0.2856 + 0.3001) for beta in (0.0448, 0.2856, 0.3001))
_CENTRE = 127.5  # moments around mid gray lose fewer digits to cancellation
_STRIP = (
    2**17
)  # positions of a map at a time: the maps stay in the cache, and large images need little memory


class MEFSSIM(PerSceneMetric):
    """MEF-SSIM (official, multi-scale, gray, 8 bits), mean over distinct scenes: in [0, 1], 1 is best."""

    def score(self, fused: Tensor, exposures: Tensor) -> Tensor:
        """`mef_ssim` of every image, shape (B,)."""
        return mef_ssim(fused, exposures)


def mef_ssim(fused: Tensor, exposures: Tensor, *, round_gray: bool = True) -> Tensor:
    """MEF-SSIM of fused images, official multi-scale gray definition (Ma, Zeng, Wang, TIP 2015).

    Args:
        fused: (B, 3, H, W) in [0, 1], sides of at least 44 pixels.
        exposures: (B, K, 3, H, W) in [0, 1], K >= 2, in any order.
        round_gray: round the gray images to 8 bits as the official metric does. Without it the score is
            differentiable in the fused image; the exposures never receive a gradient.

    Returns:
        (B,) in [0, 1], 1 is best; float64 where an input is float64, float32 otherwise. A scale whose score
        is negative (the official product is undefined there) counts as zero.

    Raises:
        InputError: if the shapes do not fit, K < 2, or a side is below 44 pixels.
    """
    return combine_scales(mef_ssim_scales(fused, exposures, round_gray=round_gray))


def mef_ssim_scales(fused: Tensor, exposures: Tensor, *, round_gray: bool = True) -> Tensor:
    """The three single-scale scores behind `mef_ssim`, finest scale first.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        exposures: (B, K, 3, H, W) in [0, 1].
        round_gray: as for `mef_ssim`.

    Returns:
        (B, 3) in [-1, 1].

    Raises:
        InputError: as `mef_ssim`.
    """
    _check(fused, exposures)
    dtype = torch.promote_types(torch.promote_types(fused.dtype, exposures.dtype), torch.float32)
    with torch.autocast(fused.device.type, enabled=False):
        image = _gray(fused.to(dtype), round_gray)
        with torch.no_grad():
            inputs = _gray(exposures.to(dtype), round_gray)
        scores = [_scale_score(image, inputs)]
        for _ in _SCALE_POWERS[1:]:
            image, inputs = _halve(image), _halve(inputs)
            scores.append(_scale_score(image, inputs))
    return torch.stack(scores, dim=1)


def combine_scales(scores: Tensor) -> Tensor:
    """Weighted product over the scales: (B, 3) -> (B,) in [0, 1]; a negative score counts as zero."""
    powers = scores.new_tensor(_SCALE_POWERS)
    # A tiny number instead of zero keeps the gradient of the power finite.
    return scores.clamp_min(torch.finfo(scores.dtype).eps).pow(powers).prod(dim=1)


def _check(fused: Tensor, exposures: Tensor) -> None:
    if exposures.ndim != 5 or exposures.shape[1] < 2 or exposures.shape[2] != 3:
        raise InputError(f"Expected exposures of shape (B, K >= 2, 3, H, W). Got {tuple(exposures.shape)}")
    if fused.shape != exposures[:, 0].shape:
        expected = tuple(exposures[:, 0].shape)
        raise InputError(f"Expected a fused image of shape {expected}. Got {tuple(fused.shape)}")
    height, width = fused.shape[-2:]
    if min(height, width) < MIN_SIDE:
        raise InputError(f"Expected sides of at least {MIN_SIDE} pixels for MEF-SSIM. Got {height} x {width}")


def _gray(images: Tensor, round_gray: bool) -> Tensor:
    """Gray values 0 to 255 around mid gray: (..., 3, H, W) -> (..., H, W)."""
    if not round_gray:
        return to_gray(images * 255).squeeze(-3) - _CENTRE
    # k / 255 in float32 is off by up to 1e-5 levels, enough to round a few colours the other way.
    decimals = 9 if images.dtype == torch.float64 else 4
    levels = (images.double() * 255).round(decimals=decimals)
    return (to_gray(levels).squeeze(-3).round() - _CENTRE).to(images.dtype)


def _halve(images: Tensor) -> Tensor:
    """2x2 mean with a symmetric border, every second pixel: (..., H, W) -> (..., ceil(H/2), ceil(W/2))."""
    height, width = images.shape[-2:]
    planes = images.reshape(1, -1, height, width)
    halved = F.avg_pool2d(F.pad(planes, (0, width % 2, 0, height % 2), mode="replicate"), 2)
    return halved.reshape(*images.shape[:-2], *halved.shape[-2:])


def _scale_score(fused: Tensor, exposures: Tensor) -> Tensor:
    """Mean of the score map of one scale: (B, H, W), (B, K, H, W) -> (B,)."""
    height, width = (side - _SIDE + 1 for side in fused.shape[-2:])
    rows = height if fused.is_cuda else max(1, _STRIP // width)
    total = fused.new_zeros(len(fused))
    for top in range(0, height, rows):
        strip = slice(top, top + rows + _SIDE - 1)
        total = total + _score_map(fused[..., strip, :], exposures[..., strip, :]).sum(dim=(1, 2))
    return total / (height * width)


def _score_map(fused: Tensor, exposures: Tensor) -> Tensor:
    """Structural similarity to the desired patch: (B, H, W), (B, K, H, W) -> (B, H', W')."""
    with torch.no_grad():
        mix, means, desired_variance = _desired_patches(exposures)
    moments = torch.cat([fused[:, None], fused.square()[:, None], exposures * fused[:, None]], dim=1)
    mean, power, *products = smooth(moments, _GAUSSIAN).unbind(1)
    variance = power - mean.square()
    covariance = sum(
        a * (p - m * mean) for a, p, m in zip(mix.unbind(1), products, means.unbind(1), strict=True)
    )
    return (2 * covariance + _STABILITY) / (desired_variance + variance + _STABILITY)


def _desired_patches(exposures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What the fused patch should be, as a mixture of the patches of the exposures without their means.

    Args:
        exposures: (B, K, H, W), gray levels around mid gray.

    Returns:
        mix: (B, K, H', W'), the numbers a_k.
        means: (B, K, H', W'), Gaussian mean of each exposure.
        variance: (B, H', W'), Gaussian variance of the desired patch.
    """
    gram = _covariances(exposures, _BOX) * _SIDE**2
    # Below what rounding leaves of the moments a patch is flat, and has no structure to give.
    noise = 4 * torch.finfo(gram.dtype).eps * (_SIDE * _CENTRE) ** 2
    energy = gram.diagonal(dim1=1, dim2=2).movedim(-1, 1)
    energy = torch.where(energy > noise, energy, 0)
    contrast = energy.sqrt() + 0.001
    weights = _structure_weights(energy.sqrt(), contrast, gram.sum(dim=(1, 2)))
    mix = torch.where(energy > 0, weights / contrast, 0)
    norm = _quadratic(gram, mix)
    norm = torch.where(norm > noise * mix.sum(dim=1).square(), norm, torch.inf)
    mix = mix * (contrast.amax(dim=1) / norm.sqrt())[:, None]
    variance = _quadratic(_covariances(exposures, _GAUSSIAN), mix).clamp_min(0)
    return mix, smooth(exposures, _GAUSSIAN), variance


def _structure_weights(norms: Tensor, contrast: Tensor, sum_energy: Tensor) -> Tensor:
    """Weight of each exposure's structure: the more alike the patches, the more the strongest one counts."""
    consistency = (sum_energy.clamp_min(0).sqrt() + _EPS) / (norms.sum(dim=1) + _EPS)
    # Where the power is cut at 10 anyway; beyond, tan overflows in float32.
    power = torch.tan(consistency.clamp_max(2 / math.pi * math.atan(_MAX_POWER)) * (math.pi / 2))
    weights = (contrast / _SIDE) ** power.clamp_max(_MAX_POWER)[:, None] + _EPS
    return weights / weights.sum(dim=1, keepdim=True)


def _covariances(images: Tensor, window: Window) -> Tensor:
    """Local covariance of every pair of exposures: (B, K, H, W) -> (B, K, K, H', W')."""
    count = images.shape[1]
    first, second = torch.triu_indices(count, count).tolist()
    means = smooth(images, window)
    pairs = smooth(images[:, first] * images[:, second], window) - means[:, first] * means[:, second]
    matrix = pairs.new_empty(len(images), count, count, *pairs.shape[-2:])
    matrix[:, first, second] = pairs
    matrix[:, second, first] = pairs
    return matrix


def _quadratic(matrix: Tensor, vector: Tensor) -> Tensor:
    """Quadratic form per pixel: (B, K, K, H, W), (B, K, H, W) -> (B, H, W)."""
    return (matrix * vector[:, :, None] * vector[:, None]).sum(dim=(1, 2))
