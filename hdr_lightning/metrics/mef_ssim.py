"""MEF-SSIM: the official, multi-scale, gray one (Ma, Zeng, Wang, IEEE TIP 2015), without a loop over pixels.

Every patch of the reference is a mixture `r = sum_k a_k (x_k - mean x_k)` of the patches of the exposures,
with one number a_k per patch and exposure. So its norm, its variance and its covariance with the fused image
are quadratic forms in box and Gaussian moments of pairwise products of images, which separable filters give.

It has no luminance term and sees no colour. Other scores of the same name (for one, MEF-SSIM_c of 2018)
differ from it by up to 0.15.
"""

import math
from itertools import combinations_with_replacement

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
    if fused.device.type != "cpu":
        return _score_map(fused, exposures).mean(dim=(1, 2))
    images = zip(fused.split(1), exposures.split(1), strict=True)
    return torch.cat([_mean_score_in_strips(image, inputs) for image, inputs in images])


def _mean_score_in_strips(fused: Tensor, exposures: Tensor) -> Tensor:
    height, width = (side - _SIDE + 1 for side in fused.shape[-2:])
    total = fused.new_zeros(len(fused))
    rows = max(_SIDE, _STRIP // width)
    for top in range(0, height, rows):
        strip = slice(top, top + rows + _SIDE - 1)
        total = total + _score_map(fused[..., strip, :], exposures[..., strip, :]).sum(dim=(1, 2))
    return total / (height * width)


def _score_map(fused: Tensor, exposures: Tensor) -> Tensor:
    """Structural similarity to the desired patch: (B, H, W), (B, K, H, W) -> (B, H', W')."""
    with torch.no_grad():
        mix, means, desired_variance = _desired_patches(exposures)
    moments = torch.stack([fused, fused.square(), *(image * fused for image in exposures.unbind(1))])
    mean, power, *products = smooth(moments, _GAUSSIAN).unbind()
    variance = power - mean.square()
    covariance = torch.zeros_like(mean)
    for part, product, other in zip(mix, products, means, strict=True):
        covariance = covariance + part * (product - other * mean)
    return (2 * covariance + _STABILITY) / (desired_variance + variance + _STABILITY)


def _desired_patches(exposures: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """What the fused patch should be, as a mixture of the patches of the exposures without their means.

    Args:
        exposures: (B, K, H, W), gray levels around mid gray.

    Returns:
        For each exposure the number a_k, (B, H', W'); the Gaussian mean of each exposure, (B, H', W'); and
        the Gaussian variance of the desired patch, (B, H', W').
    """
    box, gaussian = _Covariances(exposures, _BOX), _Covariances(exposures, _GAUSSIAN)
    # Below what rounding leaves of the moments a patch is flat, and has no structure to give.
    noise = 4 * torch.finfo(exposures.dtype).eps * _CENTRE**2
    norms = [torch.where(box.of[k, k] > noise, box.of[k, k], 0).sqrt() * _SIDE for k in range(box.count)]
    sum_norm = box.quadratic([torch.ones_like(norms[0])] * box.count).clamp_min(0).sqrt() * _SIDE
    contrasts = [norm + 0.001 for norm in norms]
    weights = _structure_weights(norms, contrasts, sum_norm)
    mix = [
        weight / contrast * (norm > 0)
        for weight, contrast, norm in zip(weights, contrasts, norms, strict=True)
    ]
    energy = box.quadratic(mix)
    energy = torch.where(energy > noise * torch.stack(mix).sum(dim=0).square(), energy, torch.inf)
    rescale = torch.stack(contrasts).amax(dim=0) / (energy.sqrt() * _SIDE)
    mix = [part * rescale for part in mix]
    return mix, gaussian.means, gaussian.quadratic(mix).clamp_min(0)


def _structure_weights(norms: list[Tensor], contrasts: list[Tensor], sum_norm: Tensor) -> list[Tensor]:
    """Weight of each exposure's structure: the more alike the patches, the more the strongest one counts."""
    consistency = (sum_norm + _EPS) / (torch.stack(norms).sum(dim=0) + _EPS)
    # Where the power is cut at 10 anyway; beyond, tan overflows in float32.
    power = torch.tan(consistency.clamp_max(2 / math.pi * math.atan(_MAX_POWER)) * (math.pi / 2))
    power = power.clamp_max(_MAX_POWER)
    weights = [(contrast / _SIDE) ** power + _EPS for contrast in contrasts]
    total = torch.stack(weights).sum(dim=0)
    return [weight / total for weight in weights]


class _Covariances:
    """Local means of K exposures and covariances of every pair of them, each (B, H', W')."""

    def __init__(self, exposures: Tensor, window: Window) -> None:
        images = exposures.unbind(1)
        self.count = len(images)
        pairs = list(combinations_with_replacement(range(self.count), 2))
        moments = smooth(torch.stack([*images, *(images[j] * images[k] for j, k in pairs)]), window)
        self.means = list(moments[: self.count])
        self.of = {
            (j, k): product - self.means[j] * self.means[k]
            for (j, k), product in zip(pairs, moments[self.count :], strict=True)
        }

    def quadratic(self, mix: list[Tensor]) -> Tensor:
        """Variance of the mixture `sum_k mix_k x_k`, (B, H', W')."""
        variance = torch.zeros_like(mix[0])
        for (j, k), covariance in self.of.items():
            variance.addcmul_(mix[j] * mix[k], covariance, value=1 if j == k else 2)
        return variance
