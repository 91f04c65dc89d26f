"""Raw files, written here as DNG, developed: never their previews, and every exposure alike."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.metadata import read_metadata
from hdr_lightning.imaging.reading import read_header, read_picture

Write = Callable[..., None]
LIGHT = np.full((64, 96, 3), (0.10, 0.18, 0.25))
LIGHT[:, 48:] = (0.3, 0.05, 0.12)


def code(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def light(pixels: np.ndarray) -> np.ndarray:
    code = pixels / 65535
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("name", ["a.dng", "a.tif", "a.jpg"])
@pytest.mark.parametrize("preview", [True, False])
def test_raw_is_developed_whatever_its_name(
    write_dng: Write, tmp_path: Path, name: str, preview: bool
) -> None:
    write_dng(tmp_path / name, LIGHT, preview=preview)
    assert read_header(tmp_path / name) == (64, 96, 16, 1)
    found = read_picture(tmp_path / name).pixels
    assert found.shape == (64, 96, 3) and found.dtype == np.uint16
    for column in (20, 76):
        np.testing.assert_allclose(found[30, column] / 65535, code(LIGHT[30, column]), atol=2e-4)


def test_orientation_is_applied(write_dng: Write, tmp_path: Path) -> None:
    write_dng(tmp_path / "a.dng", LIGHT, tags=[(274, "H", 1, 6, True)])
    assert read_header(tmp_path / "a.dng") == (96, 64, 16, 6)
    found = read_picture(tmp_path / "a.dng").pixels
    assert found.shape == (96, 64, 3)
    np.testing.assert_allclose(found[20, 30] / 65535, code(LIGHT[0, 0]), atol=2e-4)


def test_exposures_differ_by_their_light_alone(write_dng: Write, tmp_path: Path) -> None:
    """Each has another automatic white balance, and LibRaw would brighten each for itself."""
    files = [tmp_path / f"{stops}.dng" for stops in (-3, -1, 1)]
    for file, stops, red in zip(files, (-3, -1, 1), (0.9, 0.8, 0.7), strict=True):
        write_dng(file, LIGHT * 2.0**stops, neutral=(red, 1.0, 0.6))
    dark, middle, bright = (light(pixels) for pixels in read_exposures(files).photographs)
    inside = (slice(8, -8), slice(8, 40))
    np.testing.assert_allclose(dark[inside] * 4, middle[inside], rtol=0.01)
    np.testing.assert_allclose(middle[inside] * 4, bright[inside], rtol=0.01)
    factors = middle[30, 20] / (LIGHT[30, 20] / 2)
    np.testing.assert_allclose(factors / factors[1], [1 / 0.8, 1, 1 / 0.6], rtol=0.01)


def test_preview_is_refused_where_the_raw_data_is_not_understood(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.nef") as writer:
        writer.write(np.zeros((16, 24, 3), np.uint8), photometric="rgb", subfiletype=1, subifds=1)
        writer.write(np.full((64, 96), 700, np.uint16), photometric=32803, subfiletype=0)
    with tifffile.TiffFile(tmp_path / "a.nef", mode="r+") as file:
        tags: Any = file.pages.first.pages.first.tags  # type: ignore[union-attr]
        tags["Compression"].overwrite(34463)
    with pytest.raises(InputError, match=r"raw file that LibRaw can develop. Got .*a\.nef"):
        read_picture(tmp_path / "a.nef")


def test_missing_library_is_named(write_dng: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dng(tmp_path / "a.dng", LIGHT)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(InputError, match=r"rawpy to read .*a\.dng.*pip install 'hdr-lightning\[raw\]'"):
        read_picture(tmp_path / "a.dng")


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.98])
def test_truncated_raw_is_refused(write_dng: Write, tmp_path: Path, kept: float) -> None:
    write_dng(tmp_path / "a.dng", LIGHT)
    whole = (tmp_path / "a.dng").read_bytes()
    (tmp_path / "a.dng").write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(InputError, match=r"Got .*a\.dng"):
        read_picture(tmp_path / "a.dng")


def test_exif_is_read(write_dng: Write, tmp_path: Path) -> None:
    write_dng(tmp_path / "a.dng", LIGHT, tags=[(315, "s", 0, "Somebody", True)])
    assert b"Somebody" in read_metadata(tmp_path / "a.dng").exif
    assert b"Test Camera" not in read_metadata(tmp_path / "a.dng").exif
