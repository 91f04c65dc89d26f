from pathlib import Path

import numpy as np
import OpenEXR
import pillow_jxl  # noqa: F401, Pillow writes JPEG XL by it
import pytest

from hdr_lightning.imaging.reading import read_header, read_picture

RNG = np.random.default_rng(0)


WORDS = np.kron(RNG.integers(0, 65536, (8, 12, 3), dtype=np.uint16), np.ones((8, 8, 1), np.uint16))


def coded(light: np.ndarray) -> np.ndarray:
    """Linear light as 16 bits of sRGB."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 65535


@pytest.mark.parametrize("channels", ["RGB", "RGBA", "Y"])
def test_linear_light_is_coded(tmp_path: Path, channels: str) -> None:
    light = (WORDS / 65535).astype(np.float32)
    alpha = np.full((64, 96, 1), 0.5, np.float32)
    stored = {"RGB": light, "RGBA": np.dstack([light * alpha, alpha]), "Y": light[..., 0].copy()}[channels]
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {channels: stored}).write(str(tmp_path / "a.exr"))
    assert read_header(tmp_path / "a.exr") == (64, 96, 16, 1)
    shown = np.dstack([light[..., 0]] * 3) if channels == "Y" else light
    assert np.abs(read_picture(tmp_path / "a.exr").pixels - coded(shown)).max() <= 2
