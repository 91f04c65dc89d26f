import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.metrics.mef_ssim_c import mef_ssim_c


def stack(k, height=17, width=14, seed=0):
    generator = torch.Generator().manual_seed(seed)
    darkness = torch.arange(k, 0, -1).view(1, k, 1, 1, 1)
    exposures = torch.rand(2, k, 3, height, width, generator=generator) ** darkness
    fused = exposures.mean(1) + 0.1 * torch.rand(2, 3, height, width, generator=generator)
    return fused.clamp(0, 1), exposures


def literal(fused, exposures, luminance):
    """Patch by patch, as the papers write it; patches of 3 colours as one vector."""
    k, _, h, w = exposures.shape
    bell = np.array([math.exp(-((i - 5) ** 2) / (2 * (11 / 6) ** 2)) for i in range(11)])
    window = np.outer(bell, bell)
    window = np.stack([window / window.sum() / 3] * 3)
    pad = ((0, 0), (5, 5), (5, 5))
    fused = np.pad(fused, pad)
    exposures = np.stack([np.pad(exposure, pad) for exposure in exposures])
    means = np.zeros((k, h, w))
    for n, y, x in np.ndindex(k, h, w):
        means[n, y, x] = (window * exposures[n, :, y : y + 11, x : x + 11]).sum()
    whole = means.mean(axis=(1, 2))
    total = 0.0
    for y, x in np.ndindex(h, w):
        patches = exposures[:, :, y : y + 11, x : x + 11]
        patch = fused[:, y : y + 11, x : x + 11]
        mu = (window * patch).sum()
        spread = [(window * (p - m) ** 2).sum() for p, m in zip(patches, means[:, y, x], strict=True)]
        best = int(np.argmax(spread))
        own = (window * (patch - mu) ** 2).sum()
        shared = (window * (patch - mu) * (patches[best] - means[best, y, x])).sum()
        score = (2 * shared + 0.03**2) / (own + spread[best] + 0.03**2)
        if luminance:
            trust = [
                math.exp(-((m - 0.5) ** 2) / 0.08) * math.exp(-((g - 0.5) ** 2) / 0.08)
                for m, g in zip(means[:, y, x], whole, strict=True)
            ]
            wanted = sum(t * m for t, m in zip(trust, means[:, y, x], strict=True)) / sum(trust)
            score *= (2 * mu * wanted + 0.01**2) / (mu**2 + wanted**2 + 0.01**2)
        total += score
    return total / (h * w)


@pytest.mark.parametrize("luminance", [True, False])
@pytest.mark.parametrize("k", [2, 4])
def test_equals_literal_transcription(k, luminance):
    fused, exposures = stack(k)
    expected = [
        literal(f.double().numpy(), e.double().numpy(), luminance)
        for f, e in zip(fused, exposures, strict=True)
    ]
    scores = mef_ssim_c(fused, exposures, luminance)
    assert_close(scores, torch.tensor(expected, dtype=torch.float64), atol=1e-9, rtol=0)


def test_one_image_as_every_exposure_scores_one():
    _, exposures = stack(2)
    image = exposures[:, 0]
    scores = mef_ssim_c(image, torch.stack([image] * 3, dim=1))
    assert_close(scores, torch.ones(2, dtype=torch.float64))


def test_luminance_punishes_darkness_that_structure_forgives():
    fused, exposures = stack(2)
    darker = (fused - 0.2).clamp(0, 1)
    loss = mef_ssim_c(fused, exposures) - mef_ssim_c(darker, exposures)
    without = mef_ssim_c(fused, exposures, False) - mef_ssim_c(darker, exposures, False)
    assert (loss > without).all()


def test_order_of_exposures_does_not_matter():
    fused, exposures = stack(3)
    assert_close(mef_ssim_c(fused, exposures), mef_ssim_c(fused, exposures.flip(1)))


def test_black_exposures_are_finite():
    assert mef_ssim_c(torch.zeros(1, 3, 12, 12), torch.zeros(1, 2, 3, 12, 12)).isfinite().all()


@pytest.mark.parametrize("k", [2, 3])
def test_float32_is_close_and_differentiable(k):
    fused, exposures = stack(k, height=60, width=50)
    exposures.requires_grad_()
    fused.requires_grad_()
    exact = mef_ssim_c(fused, exposures)
    assert_close(mef_ssim_c(fused, exposures, dtype=torch.float32), exact.float(), rtol=0, atol=1e-5)
    exact.sum().backward()
    assert exposures.grad is None
    assert fused.grad is not None and fused.grad.abs().sum() > 0


def test_gradient_equals_differences():
    fused, exposures = stack(2)
    corner = fused[:1, :, :2, :2].double().requires_grad_()

    def with_corner(pixels):
        changed = fused[:1].double()
        changed[..., :2, :2] = pixels
        return mef_ssim_c(changed, exposures[:1])

    assert torch.autograd.gradcheck(with_corner, corner)
