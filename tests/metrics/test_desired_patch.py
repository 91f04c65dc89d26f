"""The reference of MEF-SSIM, against patches that are cut out and mixed one by one."""

import numpy as np
import pytest
import torch

from hdr_lightning.metrics.desired_patch import (
    SIDE,
    Weigh,
    consistency_weights,
    desired_patches,
    power_weights,
)


def literal(patches: np.ndarray, fixed: bool) -> np.ndarray:
    """The desired patch of patches (K, 11, 11), section III of the paper."""
    centred = patches - patches.mean(axis=(1, 2), keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=(1, 2)))
    strength = norms + 0.001
    if fixed:
        weights = strength**4 + 0.001
    else:
        eps = 2.0**-52
        consistency = (np.sqrt((centred.sum(axis=0) ** 2).sum()) + eps) / (norms.sum() + eps)
        weights = (strength / SIDE) ** min(np.tan(consistency * np.pi / 2), 10) + eps
    weights = weights / weights.sum()
    mixed = (weights[:, None, None] * centred / strength[:, None, None]).sum(axis=0)
    return mixed / np.sqrt((mixed**2).sum()) * strength.max()


@pytest.mark.parametrize(("weigh", "fixed"), [(consistency_weights, False), (power_weights, True)])
def test_mixture_equals_the_patches_mixed_one_by_one(weigh: Weigh, fixed: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    exposures = 200 * torch.rand(1, 3, 14, 13, dtype=torch.float64, generator=generator) - 100
    exposures[:, 1] += exposures[:, 0]
    mix, _, variance = desired_patches(exposures, weigh)
    bell = np.exp(-((np.arange(SIDE) - 5) ** 2) / (2 * 1.5**2))
    taps = np.outer(bell, bell) / bell.sum() ** 2
    for top, left in ((0, 0), (2, 1), (3, 2)):
        patches = exposures[0, :, top : top + SIDE, left : left + SIDE].numpy()
        expected = literal(patches, fixed)
        centred = patches - patches.mean(axis=(1, 2), keepdims=True)
        found = sum(mix[k][0, top, left].item() * centred[k] for k in range(3))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
        spread = (taps * (expected - (taps * expected).sum()) ** 2).sum()
        assert variance[0, top, left].item() == pytest.approx(spread)
