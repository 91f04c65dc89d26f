import math

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab
from torch.testing import assert_close

from hdr_lightning.metrics.colourfulness import chroma_kept, colourfulness


def images(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_colourfulness_is_that_of_the_paper_pixel_by_pixel():
    image = images(1, 3, 9, 7)
    pixels = [(255 * image[0, :, y, x]).tolist() for y in range(9) for x in range(7)]
    rg = [r - g for r, g, b in pixels]
    yb = [0.5 * (r + g) - b for r, g, b in pixels]
    spread = math.hypot(np.std(rg), np.std(yb))
    mean = math.hypot(np.mean(rg), np.mean(yb))
    assert colourfulness(image).item() == pytest.approx(spread + 0.3 * mean)


def test_colourfulness_of_two_colours_by_hand():
    image = torch.zeros(1, 3, 2, 2)
    image[0, 0, 0] = 1.0  # the upper half red, the lower black: rg is 255 and 0, yb 127.5 and 0
    expected = 127.5 * math.hypot(1, 0.5) + 0.3 * 127.5 * math.hypot(1, 0.5)
    assert colourfulness(image).item() == pytest.approx(expected)
    assert colourfulness(torch.full((1, 3, 2, 2), 0.3)).item() == 0


def literal_chroma_kept(fused, exposures):
    """The definition, pixel by pixel, with scikit-image's CIELAB."""

    def chroma(pixel):
        _, a, b = rgb2lab(np.array(pixel).reshape(1, 1, 3))[0, 0]
        return math.hypot(a, b)

    kept, wanted = [], []
    for y in range(fused.shape[-2]):
        for x in range(fused.shape[-1]):
            colours = [image[:, y, x].tolist() for image in exposures]
            luma = [0.298936 * r + 0.587043 * g + 0.114021 * b for r, g, b in colours]
            trust = [math.exp(-((value - 0.5) ** 2) / (2 * 0.2**2)) for value in luma]
            wanted.append(sum(t * chroma(c) for t, c in zip(trust, colours, strict=True)) / sum(trust))
            kept.append(chroma(fused[:, y, x].tolist()))
    return (np.mean(kept) + 0.1) / (np.mean(wanted) + 0.1)


def test_chroma_kept_equals_a_literal_transcription():
    exposures = images(2, 3, 3, 5, 6)
    fused = images(2, 3, 5, 6, seed=1)
    expected = [literal_chroma_kept(*pair) for pair in zip(fused, exposures, strict=True)]
    assert chroma_kept(fused, exposures).tolist() == pytest.approx(expected, rel=2e-3)


def test_a_paler_image_keeps_less_and_equal_ones_all():
    lab = np.full((8, 8, 3), (60.0, 30.0, -20.0))
    full = torch.tensor(lab2rgb(lab)).movedim(-1, 0)[None]
    lab[..., 1:] /= 2
    pale = torch.tensor(lab2rgb(lab)).movedim(-1, 0)[None]
    exposures = torch.stack([full, full], dim=1)
    assert_close(chroma_kept(full, exposures), torch.ones(1, dtype=torch.float64))
    assert chroma_kept(pale, exposures).item() == pytest.approx(0.5, abs=0.005)


def test_what_is_clipped_or_dark_hardly_counts():
    good = torch.tensor([0.7, 0.5, 0.4], dtype=torch.float64)[None, :, None, None].expand(1, 3, 4, 4)
    white, noisy = torch.ones_like(good), torch.zeros_like(good).clone()
    noisy[:, 2] = 0.05
    kept = chroma_kept(good, torch.stack([noisy, good, white], dim=1))
    assert kept.item() == pytest.approx(1, abs=0.1)
    assert chroma_kept(white, torch.stack([white, white], dim=1)).item() == pytest.approx(1, abs=1e-3)
