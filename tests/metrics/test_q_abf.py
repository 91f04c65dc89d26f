import math

import pytest
import torch
from scipy.ndimage import sobel
from torch.testing import assert_close

from hdr_lightning.metrics.q_abf import q_abf


def levels(*shape, seed=0):
    """Images whose values are 8-bit levels, with flat parts."""
    images = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(seed))
    images[..., : shape[-1] // 3] = 128
    return images / 255


def gray(image):
    """Matlab's rgb2gray on 8-bit colours, by numpy."""
    r, g, b = (image * 255).round().double().numpy()
    return (0.298936021293775 * r + 0.587043074451121 * g + 0.114020904255103 * b).round()


def edges(image):
    across, down = sobel(gray(image), axis=1), sobel(gray(image), axis=0)
    return across[1:-1, 1:-1], down[1:-1, 1:-1]


def literal(fused, exposures):
    """Pixel by pixel, from the formulas of the letter."""
    fx, fy = edges(fused)
    numerator = denominator = 0.0
    for exposure in exposures:
        ex, ey = edges(exposure)
        for x_e, y_e, x_f, y_f in zip(ex.flat, ey.flat, fx.flat, fy.flat, strict=True):
            g_e, g_f = math.sqrt(x_e**2 + y_e**2), math.sqrt(x_f**2 + y_f**2)
            a_e = math.atan(y_e / x_e) if x_e else math.pi / 2
            a_f = math.atan(y_f / x_f) if x_f else math.pi / 2
            if g_e == 0:
                continue
            strength = g_f / g_e if g_e > g_f else g_e / g_f
            angle = 1 - abs(a_e - a_f) / (math.pi / 2)
            q_strength = 0.9994 / (1 + math.exp(-15 * (strength - 0.5)))
            q_angle = 0.9879 / (1 + math.exp(-22 * (angle - 0.8)))
            numerator += q_strength * q_angle * g_e
            denominator += g_e
    return numerator / denominator


@pytest.mark.parametrize("k", [2, 3])
def test_equals_literal_transcription(k):
    exposures = levels(2, k, 3, 19, 23)
    fused = (exposures.mean(1) * 255).round() / 255
    expected = [literal(f, e) for f, e in zip(fused, exposures, strict=True)]
    assert_close(q_abf(fused, exposures), torch.tensor(expected, dtype=torch.float64), atol=1e-12, rtol=0)


def test_perfect_copy_reaches_the_ceiling():
    image = levels(1, 3, 16, 16)
    ceiling = 0.9994 / (1 + math.exp(-7.5)) * 0.9879 / (1 + math.exp(-4.4))
    score = q_abf(image, torch.stack([image, image], dim=1))
    assert_close(score, torch.tensor([ceiling], dtype=torch.float64))


def test_flat_result_keeps_nothing():
    exposures = levels(1, 2, 3, 16, 16)
    assert q_abf(torch.full((1, 3, 16, 16), 0.5), exposures).item() < 1e-3


def test_nothing_to_lose_scores_one():
    assert q_abf(levels(1, 3, 9, 9), torch.zeros(1, 2, 3, 9, 9)).item() == 1
