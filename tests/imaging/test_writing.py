"""Bytes of images, read back by the reader of the package and by Pillow."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.writing import encode
from hdr_lightning.levels import to_pixels

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("suffix", [".png", ".TIF"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pillow_reads_the_same(suffix: str, channels: int) -> None:
    image = torch.rand(channels, 20, 30)
    found = np.asarray(Image.open(io.BytesIO(encode(image, suffix))))
    np.testing.assert_array_equal(np.atleast_3d(found), to_pixels(image, 8))


def test_quality_decides_the_size_of_jpeg() -> None:
    image = torch.rand(3, 64, 64)
    assert len(encode(image, ".jpg", quality=30)) < 0.5 * len(encode(image, ".jpg"))


@pytest.mark.parametrize(("suffix", "bits"), [(".bmp", 8), (".jpg", 16), ("", 8)])
def test_other_formats_are_refused(suffix: str, bits: int) -> None:
    with pytest.raises(InputError, match=rf"Expected a format out of .* for {bits} bits. Got '{suffix}'"):
        encode(torch.zeros(3, 4, 4), suffix, bits)
