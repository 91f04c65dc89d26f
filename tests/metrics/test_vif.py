import math

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d
from torch.testing import assert_close
from torchmetrics.functional.image import visual_information_fidelity

from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.metrics.vif import vif


def stack(k, seed=0):
    """Smooth images with flat and with inverted parts, so that every special case of the gain occurs."""
    rng = np.random.default_rng(seed)
    base = np.cumsum(rng.normal(size=(3, 47, 52)), axis=2)
    base = (base - base.min()) / np.ptp(base)
    exposures = np.stack([base ** (k - n) for n in range(k)])
    exposures[0, :, :24] = 0.0
    fused = exposures.mean(0)
    fused[:, 20:40, :26] = 1 - fused[:, 20:40, :26]
    fused[:, :, 40:] = 0.5
    return torch.tensor(fused)[None], torch.tensor(exposures)[None]


def gaussian(n):
    bell = np.exp(-((np.arange(n) - n // 2) ** 2) / (2 * (n / 5) ** 2))
    window = np.outer(bell, bell)
    return window / window.sum()


def information(source, fused, noise):
    """Gain, information seen and information there of every window and scale, from the papers' formulas."""
    scales = []
    for scale, n in enumerate((17, 9, 5, 3)):
        window = gaussian(n)

        def mean(image, window=window):
            return convolve2d(image, window, mode="valid")

        if scale:
            source, fused = mean(source)[::2, ::2], mean(fused)[::2, ::2]
        s2 = mean(source**2) - mean(source) ** 2
        f2 = mean(fused**2) - mean(fused) ** 2
        sf = mean(source * fused) - mean(source) * mean(fused)
        gain, seen, there = np.zeros((3, *s2.shape))
        for i in np.ndindex(s2.shape):
            a, b = max(s2[i], 0.0), max(f2[i], 0.0)
            if a >= 1e-10:
                there[i] = math.log10(1 + a / noise)
                if b >= 1e-10 and sf[i] > 0:
                    gain[i] = sf[i] / (a + 1e-10)
                    rest = max(b - gain[i] * sf[i], 1e-10)
                    seen[i] = math.log10(1 + gain[i] ** 2 * a / (rest + noise))
        scales.append((gain, seen, there))
    return scales


def literal(fused, exposures):
    gray = np.array([0.298936, 0.587043, 0.114021])
    scores = []
    for source in exposures:
        scales = information(
            255 * np.tensordot(gray, source, 1), 255 * np.tensordot(gray, fused, 1), noise=2.0
        )
        seen, there = (sum(scale[part].sum() for scale in scales) for part in (1, 2))
        scores.append(seen / there)
    return np.mean(scores)


@pytest.mark.parametrize("k", [2, 3])
def test_equals_literal_transcription(k):
    fused, exposures = stack(k)
    expected = literal(fused[0].numpy(), exposures[0].numpy())
    assert_close(vif(fused, exposures), torch.tensor([expected], dtype=torch.float64), atol=1e-6, rtol=0)


def test_equals_torchmetrics():
    fused, exposures = stack(2)
    gray = [255 * to_gray(pixels) for pixels in (fused, exposures[:, 0], exposures[:, 1])]
    expected = [visual_information_fidelity(gray[0], source, reduction="none") for source in gray[1:]]
    assert_close(vif(fused, exposures), torch.stack(expected).mean(0), atol=1e-6, rtol=0)


def test_copy_of_equal_exposures_scores_one():
    _, exposures = stack(2)
    image = exposures[:, 1]
    score = vif(image, torch.stack([image, image], dim=1))
    assert_close(score, torch.ones(1, dtype=torch.float64), atol=1e-5, rtol=0)


def test_black_stack_is_finite():
    assert vif(torch.zeros(1, 3, 41, 41), torch.zeros(1, 2, 3, 41, 41)).isfinite().all()


def test_small_images_are_refused():
    with pytest.raises(InputError, match="at least 41 pixels"):
        vif(torch.zeros(1, 3, 40, 60), torch.zeros(1, 2, 3, 40, 60))
