import numpy as np
import pytest
from PIL import Image, ImageOps

from hdr_lightning.imaging.samples import Samples, to_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_as_pillow_turns_it(orientation: int) -> None:
    image = Image.fromarray(PIXELS)
    image.getexif()[0x0112] = orientation
    found = to_picture(Samples(PIXELS, orientation=orientation)).pixels
    np.testing.assert_array_equal(found, np.asarray(ImageOps.exif_transpose(image)))


def test_fractions_become_sixteen_bits() -> None:
    found = to_picture(Samples(np.array([[[-0.5, 0.5, 2.0]]], np.float32))).pixels
    assert found.dtype == np.uint16 and found.tolist() == [[[0, 32768, 65535]]]


def test_premultiplied_values_are_divided_and_full_opacity_is_none() -> None:
    half = np.full((1, 1), 128, np.uint8)
    found = to_picture(Samples(np.full((1, 1, 3), 64, np.uint8), alpha=half, premultiplied=True))
    assert found.pixels.tolist() == [[[128, 128, 128]]] and found.alpha is not None
    assert to_picture(Samples(PIXELS, alpha=np.full((4, 6), 255, np.uint8))).alpha is None
