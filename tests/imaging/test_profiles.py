"""Colours brought from one space into another, against the formulas of the standards."""

import io

import numpy as np
import pytest
from PIL import ImageCms

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles

RNG = np.random.default_rng(0)
SRGB_TO_XYZ = np.array(  # Lindbloom, D65
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
ADOBE_TO_XYZ = np.array(
    [[0.5767309, 0.1855540, 0.1881852], [0.2973769, 0.6273491, 0.0752741], [0.0270343, 0.0706872, 0.9911085]]
)
P3_TO_XYZ = np.array(
    [
        [0.48657095, 0.26566769, 0.19821729],
        [0.22897456, 0.69173852, 0.07928691],
        [0.0, 0.04511338, 1.04394437],
    ]
)


def light(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def code(light: np.ndarray) -> np.ndarray:
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1)])
def test_srgb_to_adobe_rgb_and_back(dtype: type, scale: int) -> None:
    shares = RNG.uniform(0.05, 1, (30, 40, 3))
    values = (shares * scale).astype(dtype)
    exact = (light(values / scale) @ (np.linalg.inv(ADOBE_TO_XYZ) @ SRGB_TO_XYZ).T).clip(0, 1) ** (256 / 563)
    found = profiles.convert(values, b"", profiles.adobe_rgb())
    assert found.dtype == dtype
    assert np.abs(found / scale - exact).max() < 1.6 / 255
    back = profiles.convert(found, profiles.adobe_rgb(), b"")
    assert np.abs(back / scale - values / scale).mean() < 0.5 / 255


def test_display_p3_to_srgb() -> None:
    values = RNG.uniform(0.3, 0.7, (30, 40, 3)).astype(np.float32)
    exact = code(light(values) @ (np.linalg.inv(SRGB_TO_XYZ) @ P3_TO_XYZ).T)
    inside = (exact > 0.02).all(-1)
    found = profiles.convert(values, profiles.by_number(12), b"")
    assert np.abs(found - exact)[inside].max() < 0.5 / 255


def test_sixteen_bits_are_not_rounded_to_eight() -> None:
    ramp = np.linspace(10000, 60000, 3000).astype(np.uint16)
    found = profiles.convert(np.dstack([ramp] * 3), b"", profiles.adobe_rgb())
    exact = light(ramp / 65535) ** (256 / 563) * 65535
    assert len(np.unique(found)) > 2900
    assert np.abs(found[0] - exact[:, None]).max() < 12


def test_profiles_of_srgb_are_alike_and_others_not() -> None:
    of_pillow = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert profiles.alike(of_pillow, b"")
    assert not profiles.alike(profiles.adobe_rgb(), b"")
    assert not profiles.alike(profiles.by_number(12), profiles.adobe_rgb())


def test_widest_holds_the_others() -> None:
    wide, srgb = profiles.by_number(9), b""
    assert profiles.widest([srgb, profiles.adobe_rgb(), srgb]) == profiles.adobe_rgb()
    assert profiles.widest([profiles.adobe_rgb(), wide, profiles.by_number(12)]) == wide


def test_gray_and_linear_profiles_are_followed() -> None:
    values = np.array([[0, 60, 128, 255]], np.uint8)
    found = profiles.to_srgb(values, "gray", profiles.gray(1.0))
    assert np.abs(found[0] / 255 - code(values[0] / 255)[:, None]).max() < 1 / 255
    assert profiles.is_linear(profiles.made(gamma=1.0))
    assert not any(profiles.is_linear(profile) for profile in (b"", profiles.adobe_rgb(), profiles.srgb()))


def test_made_profiles_are_the_same_every_day_and_open_elsewhere() -> None:
    assert profiles.adobe_rgb()[24:36] == bytes(12)
    for profile in (profiles.adobe_rgb(), profiles.by_number(12), profiles.srgb()):
        assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space == "RGB "


def test_damaged_profiles_do_not_fit() -> None:
    assert profiles.fits(profiles.adobe_rgb(), "rgb")
    assert not profiles.fits(profiles.adobe_rgb(), "gray")
    assert not profiles.fits(profiles.adobe_rgb()[:200], "rgb")
    assert not profiles.fits(b"", "rgb")
    with pytest.raises(InputError, match="LittleCMS"):
        profiles.convert(np.zeros((1, 1, 3), np.uint8), b"no profile" * 20, b"")
