"""Exposures of one bracket that their files store differently."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import tifffile
from PIL import Image, ImageCms

from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles

CAT = skimage.data.chelsea()[:120, :180]


def shot(folder: Path, name: str, orientation: int = 1, profile: bytes = b"", factor: float = 1) -> Path:
    exif = Image.Exif()
    exif[274] = orientation
    pixels = (CAT * factor).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / name, exif=exif, icc_profile=profile or None)
    return folder / name


@pytest.mark.parametrize("odd", [3, 6, 8])
def test_odd_orientation_follows_the_majority(tmp_path: Path, odd: int) -> None:
    files = [shot(tmp_path, "a.png"), shot(tmp_path, "b.png", odd, factor=0.5), shot(tmp_path, "c.png")]
    with pytest.warns(UserWarning, match=r"Got .*b\.png with another: turned like .*a\.png"):
        found = read_exposures(files)
    np.testing.assert_array_equal(found.photographs[1], (CAT * 0.5).astype(np.uint8))


def test_shot_that_a_program_turned_stays_upright(tmp_path: Path) -> None:
    files = [shot(tmp_path, "a.png"), shot(tmp_path, "b.png"), tmp_path / "c.png"]
    exif = Image.Exif()
    exif[274] = 3
    Image.fromarray(np.ascontiguousarray(CAT[::-1, ::-1])).save(files[2], exif=exif)
    np.testing.assert_array_equal(read_exposures(files).photographs[2], CAT)


def test_all_turned_alike_need_no_word(tmp_path: Path) -> None:
    files = [shot(tmp_path, "a.png", 6), shot(tmp_path, "b.png", 6)]
    assert read_exposures(files).photographs[0].shape == (180, 120, 3)


def test_other_sizes_are_still_refused(tmp_path: Path) -> None:
    Image.fromarray(CAT[:-1]).save(tmp_path / "b.png")
    with pytest.raises(
        InputError, match=r"one size. Got .*a\.png with 180 x 120 and .*b\.png with 180 x 119"
    ):
        read_exposures([shot(tmp_path, "a.png"), tmp_path / "b.png"])


@pytest.mark.parametrize("deep", [False, True])
def test_mixed_spaces_become_the_widest(tmp_path: Path, deep: bool) -> None:
    """A patch of known colours, once in sRGB and once in Adobe RGB, is the same numbers in the result."""
    srgb = np.array([[[200, 60, 40], [90, 160, 70], [128, 128, 128], [20, 40, 220]]], np.uint16) * 257
    adobe = profiles.convert(srgb, b"", profiles.adobe_rgb())
    names = []
    for name, pixels, profile in (("a.tif", srgb, None), ("b.tif", adobe, profiles.adobe_rgb())):
        stored = pixels if deep else np.rint(pixels / 257).astype(np.uint8)
        tifffile.imwrite(tmp_path / name, stored, photometric="rgb", iccprofile=profile)
        names.append(tmp_path / name)
    with pytest.warns(UserWarning, match=r"one colour space. Got another in .*a\.tif"):
        found = read_exposures(names)
    assert found.profile == profiles.adobe_rgb()
    scale = 1 if deep else 257
    assert np.abs(found.photographs[0].astype(float) * scale - adobe).max() <= (2 if deep else 1.2 * 257)
    # (200, 60, 40) of sRGB is (173.0, 62.4, 45.2) in Adobe RGB, by the matrices of both standards
    assert np.abs(found.photographs[0][0, 0] * (scale / 257) - [173.0, 62.4, 45.2]).max() < 0.8


def test_two_profiles_of_srgb_are_one_space(tmp_path: Path) -> None:
    of_pillow = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = [shot(tmp_path, "a.png", profile=of_pillow), shot(tmp_path, "b.png")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_exposures(files)
    np.testing.assert_array_equal(found.photographs[0], found.photographs[1])


def test_camera_that_says_adobe_rgb_in_exif_alone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA001: 65535, 0xA005: {1: "R03"}})
    Image.fromarray(CAT).save(tmp_path / "a.jpg", exif=exif)
    assert read_exposures([tmp_path / "a.jpg"]).profile == profiles.adobe_rgb()
