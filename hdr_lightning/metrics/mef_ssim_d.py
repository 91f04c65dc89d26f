"""MEF-SSIMd: MEF-SSIM for scenes in which something moves (Fang et al., IEEE TIP 2020). Another metric."""

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
import torch
from torch import Tensor

from hdr_lightning.filters import Window, smooth
from hdr_lightning.metrics.checks import check_images
from hdr_lightning.metrics.desired_patch import SIDE, power_weights
from hdr_lightning.metrics.mef_ssim import STABILITY, rows_of, score_map
from hdr_lightning.metrics.per_scene import PerSceneMetric
from hdr_lightning.metrics.statistics import LEVELS, gray_levels

AGREEMENT = 0.5
"""Correlation of structures from which on two exposures show the same thing."""
RADIUS = 11
"""Of the disk without which a static region is too small to be one."""

_BOX = Window(SIDE, sigma=None)
_CENTRE = 127.5  # moments around mid gray lose fewer digits to cancellation


class MEFSSIMd(PerSceneMetric):
    """MEF-SSIMd (gray, 8 bits, one scale), mean over distinct scenes: in [-1, 1], 1 is best."""

    higher_is_better = True

    def score(self, fused: Tensor, exposures: Tensor) -> Tensor:
        """`mef_ssim_d` of every image, shape (B,)."""
        return mef_ssim_d(fused, exposures)


@torch.no_grad()
def mef_ssim_d(fused: Tensor, exposures: Tensor) -> Tensor:
    """MEF-SSIMd of fused images: where something moves, one exposure has to be followed.

    A place is static where the structures of every two exposures agree. There the fused image is compared
    with the strongest structure of all of them, as MEF-SSIM does on its finest scale. Elsewhere it is
    compared with one exposure and copies of it as bright as the others, whichever exposure fits it best on
    the whole. The score is the mean of both parts; of a scene in which nothing moves that of the first.

    Source: Fang, Zhu, Ma, Wang, Li, "Perceptual evaluation for multi-exposure image fusion of dynamic
    scenes", TIP 2020. Two things it leaves open: the static map is opened by a disk of Euclidean distance,
    and copies get the 256-level histogram of the other exposure.

    Args:
        fused: (B, 3, H, W) in [0, 1], sides of at least 11 pixels.
        exposures: (B, K, 3, H, W) in [0, 1], K >= 2, in any order.

    Returns:
        (B,) in [-1, 1], 1 is best; float64 where an input is float64, float32 otherwise. Not differentiable.

    Raises:
        InputError: The shapes do not fit, K < 2, a side is below 11 pixels, or the values are no finite
            floats or lie far outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> mef_ssim_d(exposures[:, 0], exposures).round(decimals=3)
        tensor([1.])
    """
    check_images(fused, exposures, SIDE, count=2)
    dtype = torch.promote_types(torch.promote_types(fused.dtype, exposures.dtype), torch.float32)
    images, inputs = (torch.split(gray_levels(x), 1) for x in (fused, exposures))
    with torch.autocast(fused.device.type, enabled=False):
        return torch.stack([_score(*pair, dtype) for pair in zip(images, inputs, strict=True)])


def static_map(exposures: Tensor) -> Tensor:
    """Where every two exposures show the same structure.

    Args:
        exposures: (1, K, H, W), gray levels around mid gray.

    Returns:
        (1, H - 10, W - 10), bool: of patches of 11 x 11 pixels.
    """
    pairs = list(combinations(range(exposures.shape[1]), 2))
    agree = torch.cat([_agreement(exposures[..., rows, :], pairs) for rows in rows_of(exposures)], dim=1)
    maps = agree.to(torch.uint8).cpu().numpy()
    opened = [cv2.morphologyEx(one, cv2.MORPH_OPEN, _disk()) for one in maps]
    return torch.from_numpy(np.min(opened, axis=0)).bool()[None].to(exposures.device)


def _score(fused: Tensor, levels: Tensor, dtype: torch.dtype) -> Tensor:
    """Score of one image (1, H, W) of one set of exposures (1, K, H, W), gray levels."""
    image, exposures = (fused - _CENTRE).to(dtype), (levels - _CENTRE).to(dtype)
    static = static_map(exposures)
    parts = []
    if static.any():
        parts.append(_mean_score(image, exposures, static))
    if not static.all():
        parts.append(torch.stack([_mean_score(image, x, ~static) for x in _versions(levels, dtype)]).amax())
    return torch.stack(parts).mean()


def _agreement(exposures: Tensor, pairs: list[tuple[int, int]]) -> Tensor:
    """Whether each pair agrees, (P, H', W'): the third term of SSIM, moments under the box."""
    first, second = (exposures[0, [pair[side] for pair in pairs]] for side in (0, 1))
    means, powers = smooth(exposures[0], _BOX), smooth(exposures[0].square(), _BOX)
    sigmas = (powers - means.square()).clamp_min(0).sqrt()
    one, other = ([pair[side] for pair in pairs] for side in (0, 1))
    covariances = smooth(first * second, _BOX) - means[one] * means[other]
    return (covariances + STABILITY) / (sigmas[one] * sigmas[other] + STABILITY) >= AGREEMENT


def _disk() -> np.ndarray:
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    return np.asarray(np.hypot(y, x) <= RADIUS, np.uint8)


def _mean_score(fused: Tensor, exposures: Tensor, chosen: Tensor) -> Tensor:
    """Mean of the score map over the chosen places (1, H', W')."""
    total = fused.new_zeros(())
    for rows in rows_of(fused):
        here = chosen[:, rows.start : rows.stop - SIDE + 1]
        if here.any():
            scores = score_map(fused[:, rows], exposures[..., rows, :], power_weights)
            total += scores[here].sum()
    return total / chosen.sum()


def _versions(levels: Tensor, dtype: torch.dtype) -> Iterator[Tensor]:
    """Each exposure as the reference (1, K, H, W): it, and copies as bright as each of the others."""
    images = levels[0].long()
    shares = torch.stack([image.flatten().bincount(minlength=LEVELS) for image in images]).cumsum(1)
    shares = shares.double() / images[0].numel()
    for reference, image in enumerate(images):
        others = [k for k in range(len(images)) if k != reference]
        copies = [levels[0, reference], *(_matched(shares[reference], shares[k])[image] for k in others)]
        yield (torch.stack(copies)[None] - _CENTRE).to(dtype)


def _matched(source: Tensor, target: Tensor) -> Tensor:
    """For each gray level the one at the same place of another cumulative histogram, (256,) each."""
    present = torch.diff(target, prepend=target.new_zeros(1)) > 0
    levels = present.nonzero().flatten().double().cpu().numpy()
    matched = np.interp(source.cpu().numpy(), target[present].cpu().numpy(), levels)
    return torch.from_numpy(matched).round().to(source.device)
