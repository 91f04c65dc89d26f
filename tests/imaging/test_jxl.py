from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from hdr_lightning.imaging.jxl import read, size


@pytest.mark.parametrize("height", [8, 60, 96, 200, 515])
@pytest.mark.parametrize("width", [8, 40, 96, 100, 800])
def test_size_is_read_from_the_first_bytes(tmp_path: Path, height: int, width: int) -> None:
    """Sizes of every form of the header: multiples of eight, ratios such as 3 : 2, and others."""
    pixels = np.zeros((height, width, 3), np.uint8)
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(pixels, effort=1))
    assert size(tmp_path / "a.jxl") == (height, width)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_samples_are_those_it_was_written_from(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, channels), np.uint8)
    pixels = pixels[..., 0] if channels == 1 else pixels
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(pixels, lossless=True))
    samples = read(tmp_path / "a.jxl").samples
    np.testing.assert_array_equal(samples.values, pixels[..., :3] if channels == 4 else pixels)
    assert samples.space == ("gray" if channels == 1 else "rgb")
    assert (samples.alpha is None) == (channels < 4)
