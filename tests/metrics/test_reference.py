import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch.testing import assert_close

from hdr_lightning.metrics import reference as scores
from hdr_lightning.metrics.colourfulness import colourfulness


def pair():
    generator = torch.Generator().manual_seed(0)
    wanted = torch.rand(2, 3, 24, 30, generator=generator, dtype=torch.float64)
    return (wanted + 0.1 * torch.randn(wanted.shape, generator=generator)).clamp(0, 1), wanted


def arrays():
    return [(f.movedim(0, -1).numpy(), w.movedim(0, -1).numpy()) for f, w in zip(*pair(), strict=True)]


def test_psnr_equals_scikit_image():
    expected = [peak_signal_noise_ratio(w, f, data_range=1) for f, w in arrays()]
    assert scores.psnr(*pair()).tolist() == pytest.approx(expected)


def test_psnr_of_equal_images_is_a_number():
    fused, _ = pair()
    assert scores.psnr(fused, fused).tolist() == [scores.CEILING] * 2


def test_ssim_equals_scikit_image():
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1}
    expected = [structural_similarity(w, f, channel_axis=-1, **settings) for f, w in arrays()]
    assert scores.ssim(*pair()).tolist() == pytest.approx(expected)


# CIEDE2000 of Lab pairs as published by Sharma, Wu, Dalal 2005, table 1: pairs 1, 7, 17, 25 and 34.
PUBLISHED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), PUBLISHED)
def test_literal_ciede2000_gives_the_published_values(first, second, expected):
    assert literal_ciede2000(first, second) == pytest.approx(expected, abs=1e-4)


def test_ciede2000_is_the_mean_of_the_literal_formulas():
    fused, wanted = (images[:, :, :4, :5] for images in pair())
    expected = []
    for found, right in zip(fused, wanted, strict=True):
        labs = [
            [literal_lab(image[:, y, x].tolist()) for y in range(4) for x in range(5)]
            for image in (found, right)
        ]
        expected.append(np.mean([literal_ciede2000(*both) for both in zip(*labs, strict=True)]))
    assert scores.ciede2000(fused, wanted).tolist() == pytest.approx(expected, rel=1e-3)


def test_colourfulness_and_brightness_beside_the_reference():
    fused, wanted = pair()
    assert_close(
        scores.colourfulness_ratio(fused, wanted),
        colourfulness(fused) / colourfulness(wanted),
        rtol=1e-2,
        atol=0,
    )
    assert_close(scores.colourfulness_ratio(wanted, wanted), torch.ones(2, dtype=torch.float64))
    gray, lighter = torch.full((1, 3, 8, 8), 100 / 255), torch.full((1, 3, 8, 8), 151 / 255)
    assert scores.colourfulness_ratio(gray, lighter).item() == 1
    assert scores.brightness_difference(lighter, gray).item() == pytest.approx(0.2)


def literal_lab(rgb):
    """sRGB to CIELAB, D65 and 2 degrees (IEC 61966-2-1, CIE 15)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    matrix = [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
    xyz = [sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix]
    ratios = [value / white for value, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True)]
    x, y, z = [r ** (1 / 3) if r > (6 / 29) ** 3 else r * (29 / 6) ** 2 / 3 + 4 / 29 for r in ratios]
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def literal_ciede2000(first, second):
    """Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", CRA 30 (2005), eq. 2 to 22."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    turn = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_l, d_c = l2 - l1, c2 - c1
    d_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    lightness, c = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        h = h1 + h2
    elif abs(h1 - h2) <= 180:
        h = (h1 + h2) / 2
    else:
        h = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    cos = lambda degrees: math.cos(math.radians(degrees))  # noqa: E731
    t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.20 * cos(4 * h - 63)
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    r_c = 2 * math.sqrt(c**7 / (c**7 + 25**7))
    r_t = -math.sin(math.radians(60 * math.exp(-(((h - 275) / 25) ** 2)))) * r_c
    return math.sqrt((d_l / s_l) ** 2 + (d_c / s_c) ** 2 + (d_h / s_h) ** 2 + r_t * (d_c / s_c) * (d_h / s_h))
