"""MEF-SSIM: the official, multi-scale, gray one (Ma, Zeng, Wang, IEEE TIP 2015), without a loop over pixels.

It has no luminance term and sees no colour. Other scores of the same name (for one, MEF-SSIM_c of 2018)
differ from it by up to 0.15.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.filters import smooth
from hdr_lightning.metrics.checks import check_images
from hdr_lightning.metrics.desired_patch import GAUSSIAN, SIDE, Weigh, consistency_weights, desired_patches
from hdr_lightning.metrics.per_scene import PerSceneMetric

MIN_SIDE = 44
"""The third scale is a quarter of the image and has to hold one patch of 11 x 11 pixels."""

STABILITY = (0.03 * 255) ** 2
_SCALE_POWERS = tuple(beta / (0.0448 + 0.2856 + 0.3001) for beta in (0.0448, 0.2856, 0.3001))
_CENTRE = 127.5  # moments around mid gray lose fewer digits to cancellation
_STRIP = 2**17  # positions of a map at a time: fast, and large images need little memory


class MEFSSIM(PerSceneMetric):
    """MEF-SSIM (official, multi-scale, gray, 8 bits), mean over distinct scenes: in [0, 1], 1 is best.

    Examples:
        >>> metric, exposures = MEFSSIM(), torch.rand(1, 2, 3, 64, 64)
        >>> metric.update(exposures.mean(dim=1), exposures, ["garden"])
        >>> list(metric.per_scene())
        ['garden']
    """

    higher_is_better = True

    def score(self, fused: Tensor, exposures: Tensor) -> Tensor:
        """`mef_ssim` of every image, shape (B,)."""
        return mef_ssim(fused, exposures)


def mef_ssim(fused: Tensor, exposures: Tensor, *, round_gray: bool = True) -> Tensor:
    """MEF-SSIM of fused images, official multi-scale gray definition (Ma, Zeng, Wang, TIP 2015).

    Args:
        fused: (B, 3, H, W) in [0, 1], sides of at least 44 pixels.
        exposures: (B, K, 3, H, W) in [0, 1], K >= 2, in any order.
        round_gray: Round the gray of the fused image to 8 bits as the official metric does. Without it the
            score is differentiable there. The exposures are always rounded and never receive a gradient.

    Returns:
        (B,) in [0, 1], 1 is best; float64 where an input is float64, float32 otherwise. A scale whose score
        is negative (the official product is undefined there) counts as zero.

    Raises:
        InputError: The shapes do not fit, K < 2, a side is below 44 pixels, or the values are no floats
            or lie far outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> mef_ssim(exposures[:, 0], exposures).round(decimals=3)
        tensor([1.])
    """
    return combine_scales(mef_ssim_scales(fused, exposures, round_gray=round_gray))


def mef_ssim_scales(fused: Tensor, exposures: Tensor, *, round_gray: bool = True) -> Tensor:
    """The three single-scale scores behind `mef_ssim`, finest scale first.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        exposures: (B, K, 3, H, W) in [0, 1].
        round_gray: As for `mef_ssim`.

    Returns:
        (B, 3) in [-1, 1].

    Raises:
        InputError: As `mef_ssim`.

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> mef_ssim_scales(exposures[:, 0], exposures).round(decimals=2)
        tensor([[1., 1., 1.]])
    """
    check_images(fused, exposures, MIN_SIDE, count=2, finite=False)
    dtype = torch.promote_types(torch.promote_types(fused.dtype, exposures.dtype), torch.float32)
    with torch.autocast(fused.device.type, enabled=False):
        image = _gray(fused.to(dtype), round_gray)
        with torch.no_grad():
            inputs = _gray(exposures.to(dtype), round_gray=True)
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


def rows_of(images: Tensor) -> Iterator[slice]:
    """Rows of (..., H, W) that hold strips of patches, whose positions follow on each other."""
    height, width = (side - SIDE + 1 for side in images.shape[-2:])
    rows = max(SIDE, _STRIP // width)
    return (slice(top, min(top + rows, height) + SIDE - 1) for top in range(0, height, rows))


def score_map(fused: Tensor, exposures: Tensor, weigh: Weigh = consistency_weights) -> Tensor:
    """Structural similarity to the desired patch: (B, H, W), (B, K, H, W) -> (B, H', W')."""
    with torch.no_grad():
        mix, means, desired_variance = desired_patches(exposures, weigh)
    moments = torch.stack([fused, fused.square(), *(image * fused for image in exposures.unbind(1))])
    mean, power, *products = smooth(moments, GAUSSIAN).unbind()
    variance = power - mean.square()
    covariance = torch.zeros_like(mean)
    for part, product, other in zip(mix, products, means, strict=True):
        covariance = covariance + part * (product - other * mean)
    return (2 * covariance + STABILITY) / (desired_variance + variance + STABILITY)


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
        return score_map(fused, exposures).mean(dim=(1, 2))
    # One image at a time stays in the cache.
    images = zip(torch.split(fused, 1), torch.split(exposures, 1), strict=True)
    return torch.cat([_mean_score_in_strips(image, inputs) for image, inputs in images])


def _mean_score_in_strips(fused: Tensor, exposures: Tensor) -> Tensor:
    total, count = fused.new_zeros(len(fused)), 0
    for rows in rows_of(fused):
        scores = score_map(fused[..., rows, :], exposures[..., rows, :])
        total, count = total + scores.sum(dim=(1, 2)), count + scores[0].numel()
    return total / count
