"""Alignment: motions of a camera that are known, on photographs that scikit-image brings along."""

import cv2
import numpy as np
import pytest
import skimage.data

from hdr_lightning.brackets.align import align_exposures
from hdr_lightning.errors import InputError

TILT = 0.6  # degrees about each axis, of a camera with a wide angle


def exposed(light: np.ndarray, stops: float, bits: int = 8) -> np.ndarray:
    code = np.clip(light * 2**stops, 0, 1) ** (1 / 2.2) * (2**bits - 1)
    return code.round().astype(np.uint8 if bits == 8 else np.uint16)


def tilted(light: np.ndarray, seed: int) -> np.ndarray:
    """The scene after the camera turned a little about three axes."""
    height, width = light.shape[:2]
    camera = np.array([[0.75 * width, 0, width / 2], [0, 0.75 * width, height / 2], [0, 0, 1]])
    angles = np.random.default_rng(seed).uniform(-1, 1, 3) * np.deg2rad(TILT)
    motion = camera @ cv2.Rodrigues(angles)[0] @ np.linalg.inv(camera)
    return cv2.warpPerspective(
        light, motion, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )


def light_of(name: str) -> np.ndarray:
    return ((getattr(skimage.data, name)() / 255.0) ** 2.2).astype(np.float32)


@pytest.mark.parametrize("name", ["rocket", "coffee", "astronaut", "chelsea"])
@pytest.mark.parametrize("bits", [8, 16])
def test_undoes_the_motion_of_the_camera(name: str, bits: int) -> None:
    light = light_of(name)
    moved = tilted(light, seed=3)
    dark, bright, unmoved = exposed(light, -2, bits), exposed(moved, 2, bits), exposed(light, 2, bits)
    (first, second), distance = align_exposures([dark, bright], 0, ["dark", "bright"])
    assert 2 < distance < 30
    assert first.dtype == second.dtype == dark.dtype
    assert first.shape == second.shape
    # the reference is cropped only, so it tells where the other has to lie
    found = cv2.matchTemplate(dark.astype(np.float32), first.astype(np.float32), cv2.TM_SQDIFF)
    left, top = cv2.minMaxLoc(found)[2]
    height, width = first.shape[:2]
    np.testing.assert_array_equal(dark[top : top + height, left : left + width], first)
    expected = unmoved[top : top + height, left : left + width].astype(float)
    before = bright[top : top + height, left : left + width].astype(float)
    inside = np.s_[8:-8, 8:-8]
    error, unaligned = np.abs(second - expected)[inside].mean(), np.abs(before - expected)[inside].mean()
    assert error < 0.25 * unaligned


def test_shifts_of_small_images() -> None:
    light = light_of("coffee")[100:280, 150:400]
    whole = light_of("coffee")
    shifted = whole[105:285, 143:393]
    aligned = align_exposures([exposed(light, -1), exposed(shifted, 1)], 1, ["a", "b"])
    assert aligned.moved == pytest.approx(7, abs=0.3)
    assert aligned.exposures[0].shape[:2] in {(175, 243), (175, 242), (174, 243), (174, 242)}


def test_what_lies_right_is_left_alone() -> None:
    dark, bright = exposed(light_of("rocket"), -2), exposed(light_of("rocket"), 1)
    aligned = align_exposures([dark, bright], 0, ["dark", "bright"])
    assert aligned.moved < 0.05
    np.testing.assert_array_equal(aligned.exposures[0], dark)
    assert aligned.exposures[1].shape == bright.shape


@pytest.mark.parametrize("other", ["noise", "flat"])
def test_other_motif_is_named(other: str) -> None:
    photograph = exposed(light_of("chelsea"), 0)
    noise = np.random.default_rng(0).integers(0, 256, photograph.shape, dtype=np.uint8)
    image = noise if other == "noise" else np.full_like(photograph, 100)
    with pytest.raises(InputError, match=r"Expected exposures .*Got other\.png and cat\.png"):
        align_exposures([photograph, image], 0, ["cat.png", "other.png"])
