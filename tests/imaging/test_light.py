"""Linear light in files, read again by other programs' readers."""

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.light import encode_light, to_rec709

LIGHT = np.random.default_rng(0).lognormal(0, 2, (20, 30, 3)).astype(np.float32)


def test_openexr_holds_half_floats_and_what_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(encode_light(LIGHT, ".exr", [0, 2, 4.5], "program"))
    file = OpenEXR.File(str(path))
    pixels = file.channels()["RGB"].pixels
    assert pixels.dtype == np.float16
    np.testing.assert_array_equal(pixels, LIGHT.astype(np.float16))
    header = file.header()
    assert header["comments"] == "exposure values +0.00, +2.00, +4.50" and header["software"] == "program"
    assert header["chromaticities"] == pytest.approx((0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329))


def test_radiance_holds_a_percent(tmp_path: Path) -> None:
    encoded = encode_light(LIGHT, ".HDR", [0, 2], "program")
    assert encoded.startswith(b"#?RADIANCE\n# exposure values +0.00, +2.00\nSOFTWARE=program\n")
    read = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert (np.abs(read - LIGHT) <= LIGHT.max(axis=2, keepdims=True) / 128).all()


def test_negative_and_endless_light_is_cut() -> None:
    light = np.array([[[-1, 0, np.inf], [1e9, 1, 2]]], np.float32)
    for suffix in (".exr", ".hdr"):
        assert encode_light(light, suffix, [0], "program")


def test_wide_colours_become_rec709() -> None:
    """Display P3 green is (-0.2249, 1.0421, -0.0786) in Rec.709, by the matrices of both standards."""
    imagecodecs = pytest.importorskip("imagecodecs")
    primaries = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
    profile = imagecodecs.cms_profile("rgb", whitepoint=(0.3127, 0.329, 1.0), primaries=primaries, gamma=2.2)
    found = to_rec709(np.array([[[0, 1, 0], [1, 1, 1]]], np.float32), profile)
    np.testing.assert_allclose(found[0, 0], [-0.2249, 1.0421, -0.0786], atol=2e-3)
    np.testing.assert_allclose(found[0, 1], [1, 1, 1], atol=2e-3)
    assert to_rec709(LIGHT, b"") is LIGHT


def test_profile_of_a_table_is_refused() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    with pytest.raises(InputError, match="three primaries"):
        to_rec709(LIGHT, imagecodecs.cms_profile("lab4"))
