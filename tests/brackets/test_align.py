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
    (first, second), kept, distance = align_exposures([dark, bright], ["dark", "bright"], 0)
    assert kept == (0, 1) and 2 < distance < 30
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
    aligned = align_exposures([exposed(light, -1), exposed(shifted, 1)], ["a", "b"], 1)
    assert aligned.moved == pytest.approx(7, abs=0.3)
    assert aligned.exposures[0].shape[:2] in {(175, 243), (175, 242), (174, 243), (174, 242)}


def odd_bracket() -> list[np.ndarray]:
    """Three exposures of one scene, the last one moved, and noise before it."""
    light = light_of("coffee")
    noise = np.random.default_rng(0).integers(0, 256, (380, 580, 3), dtype=np.uint8)
    views = [exposed(light[:-20, :-20], stops) for stops in (-2, 0)]
    return [*views, noise, exposed(light[10:-10, 15:-5], 1.5)]


NAMES = ["a", "b", "odd", "d"]


def test_what_lies_right_comes_back_as_it_is() -> None:
    pair = [exposed(light_of("rocket"), -2), exposed(light_of("rocket"), 1)]
    aligned = align_exposures(pair, ["dark", "bright"])
    assert aligned.moved == 0 and all(
        out is given for out, given in zip(aligned.exposures, pair, strict=True)
    )


def test_what_moves_before_a_tripod_comes_back_as_it_is() -> None:
    light = light_of("coffee")
    moving = light.copy()
    moving[150:] = np.roll(light[150:], 7, axis=1)
    pair = [exposed(light, -1), exposed(moving, 1)]
    assert align_exposures(pair, ["dark", "bright"]).exposures[1] is pair[1]
    assert align_exposures(pair, ["dark", "bright"], align="always").moved > 3
    assert align_exposures(pair, ["dark", "bright"], align="never").moved == 0


@pytest.mark.slow
def test_odd_exposure_is_named_and_the_one_behind_it_aligned() -> None:
    with pytest.warns(UserWarning, match="odd does not match the other exposures: taken as it is"):
        aligned = align_exposures(odd_bracket(), NAMES, 0)
    assert aligned.kept == (0, 1, 2, 3) and aligned.moved == pytest.approx(15, abs=0.5)
    with pytest.warns(UserWarning, match="odd does not match the other exposures: left out"):
        aligned = align_exposures(odd_bracket(), NAMES, 0, drop=True)
    assert aligned.kept == (0, 1, 3) and len(aligned.exposures) == 3


def test_odd_exposure_with_the_most_detail_leaves_the_others_together() -> None:
    light = light_of("coffee")
    noise = np.random.default_rng(0).integers(0, 256, (*light[:-20, :-20].shape[:2], 3), dtype=np.uint8)
    trio = [exposed(light[:-20, :-20], -2), noise, exposed(light[10:-10, 15:-5], 1)]
    with pytest.warns(UserWarning, match="odd does not match the other exposures: left out"):
        aligned = align_exposures(trio, ["a", "odd", "c"], drop=True)
    assert aligned.kept == (0, 2) and aligned.moved == pytest.approx(15, abs=0.5)


def test_reference_is_by_itself_the_exposure_with_the_most_detail() -> None:
    light = light_of("coffee")
    trio = [
        exposed(light[:-20, :-20], -6),
        exposed(light[10:-10, 15:-5], -1),
        exposed(light[4:-16, 9:-11], 5),
    ]
    aligned = align_exposures(trio, ["a", "b", "c"])
    found = cv2.matchTemplate(trio[1], aligned.exposures[1], cv2.TM_SQDIFF)
    assert cv2.minMaxLoc(found)[0] == 0


def test_hand_held_series_fits_as_a_whole(shared) -> None:
    files = sorted((shared / "data" / "dynamic" / "misaligned_cafe").iterdir())
    photographs = sorted((cv2.imread(str(file)) for file in files), key=np.mean)
    aligned = align_exposures(photographs, [file.name for file in files])
    assert len(aligned.kept) == 7 and 1 < aligned.moved < 10
    again = align_exposures(aligned.exposures, [file.name for file in files])
    assert again.moved < 0.5


@pytest.mark.parametrize("other", ["noise", "flat"])
def test_other_scene_is_named(other: str) -> None:
    photograph = exposed(light_of("chelsea"), 0)
    noise = np.random.default_rng(0).integers(0, 256, photograph.shape, dtype=np.uint8)
    image = noise if other == "noise" else np.full_like(photograph, 100)
    with pytest.raises(InputError, match=r"Expected exposures .*Got other\.png and cat\.png"):
        align_exposures([photograph, image], ["cat.png", "other.png"], 0, "always")
    with pytest.raises(InputError, match="two exposures or more that match"), pytest.warns(UserWarning):
        align_exposures([photograph, noise], ["cat.png", "other.png"], 0, drop=True)


def test_unknown_word_is_told() -> None:
    with pytest.raises(InputError, match=r"align: Expected auto, always, never\. Got 'yes'"):
        align_exposures([exposed(light_of("chelsea"), 0)] * 2, ["a", "b"], align="yes")
