import cv2
import numpy as np
import pytest

from hdr_lightning.imaging.brightness import mean_luma


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_mean_luma_is_the_mean_of_opencvs_gray_image(depth: type) -> None:
    pixels = np.random.default_rng(0).integers(0, np.iinfo(depth).max, (20, 31, 3)).astype(depth)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    assert mean_luma(pixels) == pytest.approx(gray.mean() / np.iinfo(depth).max, abs=2e-4)


def test_colours_count_by_their_luma() -> None:
    pixels = np.zeros((4, 5, 3), np.uint8)
    pixels[..., 1] = 255
    assert mean_luma(pixels) == pytest.approx(0.587, abs=1e-3)
