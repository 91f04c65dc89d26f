"""The reference of MEF-SSIM: the patch that the fused image should show (Ma, Zeng, Wang, TIP 2015, sec. III).

It is a mixture `r = sum_k a_k (x_k - mean x_k)` of the patches of the exposures, one number a_k per patch and
exposure. So its norm and its variance are quadratic forms in the local covariances of the exposures.
"""

import math
from collections.abc import Callable
from itertools import combinations_with_replacement

import torch
from torch import Tensor

from hdr_lightning.filters import Window, smooth

SIDE = 11
GAUSSIAN = Window(SIDE, sigma=1.5)
_BOX = Window(SIDE, sigma=None)
_EPS = 2.0**-52  # of Matlab, whatever the precision here
_MAX_POWER = 10.0
_POWER = 4  # of MEF-SSIMd
_LARGEST = 127.5  # gray value around mid gray


Weigh = Callable[[list[Tensor], list[Tensor], Tensor], list[Tensor]]
"""Norms, norms + 0.001 and the norm of the sum of the patches to the weights of their structures."""


def consistency_weights(norms: list[Tensor], contrasts: list[Tensor], sum_norm: Tensor) -> list[Tensor]:
    """Weights of MEF-SSIM: the more alike the patches, the more the strongest one counts."""
    consistency = (sum_norm + _EPS) / (torch.stack(norms).sum(dim=0) + _EPS)
    # Where the power is cut at 10 anyway; beyond, tan overflows in float32.
    power = torch.tan(consistency.clamp_max(2 / math.pi * math.atan(_MAX_POWER)) * (math.pi / 2))
    power = power.clamp_max(_MAX_POWER)
    return _normalised([(contrast / SIDE) ** power + _EPS for contrast in contrasts])


def power_weights(norms: list[Tensor], contrasts: list[Tensor], sum_norm: Tensor) -> list[Tensor]:
    """Weights of MEF-SSIMd: a fixed power of the contrast."""
    return _normalised([contrast**_POWER + 0.001 for contrast in contrasts])


def desired_patches(
    exposures: Tensor, weigh: Weigh = consistency_weights
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """What the fused patch should be, as a mixture of the patches of the exposures without their means.

    Args:
        exposures: (B, K, H, W), gray levels around mid gray.
        weigh: How much the structure of each exposure counts.

    Returns:
        For each exposure the number a_k, (B, H', W'); the Gaussian mean of each exposure, (B, H', W'); and
        the Gaussian variance of the desired patch, (B, H', W').
    """
    box, gaussian = _Covariances(exposures, _BOX), _Covariances(exposures, GAUSSIAN)
    # Below what rounding leaves of the moments a patch is flat, and has no structure to give.
    noise = 4 * torch.finfo(exposures.dtype).eps * _LARGEST**2
    norms = [torch.where(box.of[k, k] > noise, box.of[k, k], 0).sqrt() * SIDE for k in range(box.count)]
    sum_norm = box.quadratic([torch.ones_like(norms[0])] * box.count).clamp_min(0).sqrt() * SIDE
    contrasts = [norm + 0.001 for norm in norms]
    weights = weigh(norms, contrasts, sum_norm)
    mix = [
        weight / contrast * (norm > 0)
        for weight, contrast, norm in zip(weights, contrasts, norms, strict=True)
    ]
    energy = box.quadratic(mix)
    energy = torch.where(energy > noise * torch.stack(mix).sum(dim=0).square(), energy, torch.inf)
    rescale = torch.stack(contrasts).amax(dim=0) / (energy.sqrt() * SIDE)
    mix = [part * rescale for part in mix]
    return mix, gaussian.means, gaussian.quadratic(mix).clamp_min(0)


def _normalised(weights: list[Tensor]) -> list[Tensor]:
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
