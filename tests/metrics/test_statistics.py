import math

import numpy as np
import pytest
import torch
from skimage.measure import shannon_entropy
from torch.testing import assert_close

from hdr_lightning.metrics import statistics


def images(seed=0):
    return torch.rand(2, 3, 31, 20, generator=torch.Generator().manual_seed(seed))


def gray(image):
    r, g, b = (image * 255).round().double().numpy()
    return (0.298936021293775 * r + 0.587043074451121 * g + 0.114020904255103 * b).round()


def test_entropy_equals_scikit_image():
    expected = [shannon_entropy(gray(image)) for image in images()]
    assert_close(statistics.entropy(images()), torch.tensor(expected, dtype=torch.float64))


def test_spatial_frequency_equals_the_double_sum():
    expected = []
    for image in images():
        levels = gray(image)
        h, w = levels.shape
        rows = sum((levels[y, x] - levels[y, x - 1]) ** 2 for y in range(h) for x in range(1, w))
        columns = sum((levels[y, x] - levels[y - 1, x]) ** 2 for y in range(1, h) for x in range(w))
        expected.append(math.sqrt(rows / (h * w) + columns / (h * w)))
    assert_close(statistics.spatial_frequency(images()), torch.tensor(expected, dtype=torch.float64))


def test_dynamic_range_is_equation_1():
    image = torch.full((1, 3, 8, 8), 10 / 255)
    image[..., 0, 0] = 200 / 255
    assert_close(statistics.dynamic_range(image), torch.tensor([math.log10(20)], dtype=torch.float64))


@pytest.mark.parametrize(("darkest", "expected"), [(0.0, math.log10(255)), (1.0, 0.0)])
def test_dynamic_range_at_the_ends(darkest, expected):
    image = torch.ones(1, 3, 8, 8)
    image[..., 0, 0] = darkest
    assert_close(statistics.dynamic_range(image), torch.tensor([expected], dtype=torch.float64))


def test_dynamic_range_of_black_is_zero():
    assert statistics.dynamic_range(torch.zeros(1, 3, 8, 8)).item() == 0


def test_clipped_counts_pixels_lost_in_every_colour():
    image = torch.full((1, 3, 2, 4), 0.5)
    image[0, :, 0, 0] = 0.0
    image[0, :, 0, 1] = 1.0
    image[0, 0, 0, 2] = 1.0  # one colour only: still a colour
    image[0, :, 0, 3] = 0.4 / 255  # rounds to black
    assert statistics.clipped(image).item() == 3 / 8


def test_brightness_is_mean_gray():
    expected = [np.mean(gray(image)) / 255 for image in images()]
    assert_close(statistics.brightness(images()), torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize(
    "metric",
    [
        statistics.entropy,
        statistics.spatial_frequency,
        statistics.dynamic_range,
        statistics.clipped,
        statistics.brightness,
    ],
)
def test_images_of_a_batch_do_not_mix(metric):
    both = metric(images())
    assert both.shape == (2,)
    assert_close(both, torch.cat([metric(image[None]) for image in images()]))
