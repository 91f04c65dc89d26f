"""Motions that are known, between exposures that a model of a camera takes of real photographs."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import skimage.data

from hdr_lightning.brackets.motion import View, find_motion, scaled

MARGIN = 40


def light_of(name: str) -> np.ndarray:
    return ((getattr(skimage.data, name)() / 255.0) ** 2.2).astype(np.float32)


def exposed(light: np.ndarray, stops: float, seed: int = 0, noise: float = 1.0) -> np.ndarray:
    """8 bits, with the noise of photons and of the sensor."""
    signal = np.clip(light * 2.0**stops, 0, 1)
    grain = np.random.default_rng(seed).normal(0, noise, signal.shape) * np.sqrt(1.6e-5 * signal + 1e-6)
    return (255 * np.clip(signal + grain, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)


def motions(width: int, height: int) -> Iterator[tuple[str, np.ndarray]]:
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 3, 1)
    yield "rotation of 3 degrees", np.vstack([turn, [0, 0, 1]])
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32)
    pulled = corners + np.random.default_rng(3).uniform(-0.02, 0.02, (4, 2)).astype(np.float32) * width
    yield "perspective", cv2.getPerspectiveTransform(corners, pulled)


def seen(light: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """What the moved camera sees of the middle of a scene."""
    height, width = (side - 2 * MARGIN for side in light.shape[:2])
    into = np.array([[1.0, 0, MARGIN], [0, 1, MARGIN], [0, 0, 1]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(
        light, into @ motion, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT
    )


def corner_error(found: np.ndarray, true: np.ndarray, width: int, height: int) -> float:
    corners = np.array([[[0, 0], [width, 0], [0, height], [width, height]]], float)
    one, other = (cv2.perspectiveTransform(corners, motion) for motion in (found, true))
    return float(np.linalg.norm(one - other, axis=-1).max())


@pytest.mark.parametrize("name", ["coffee", "astronaut", "chelsea", "rocket"])
@pytest.mark.parametrize("stops", [(-4, 4), (-2, 2)], ids=["8 stops", "4 stops"])
def test_rotation_and_perspective_are_found_to_half_a_pixel(name: str, stops: tuple[int, int]) -> None:
    light = light_of(name)
    height, width = (side - 2 * MARGIN for side in light.shape[:2])
    for kind, motion in motions(width, height):
        dark, bright = exposed(seen(light, np.eye(3)), stops[0]), exposed(seen(light, motion), stops[1], 1)
        found = find_motion(View(bright), View(dark))
        assert found.is_of_camera, kind
        assert corner_error(found.matrix, motion, width, height) < 0.5, kind


@pytest.mark.parametrize("name", ["coffee", "astronaut", "chelsea", "rocket"])
def test_shift_of_80_pixels_is_found_eight_stops_apart(name: str) -> None:
    light = light_of(name)
    dark, bright = exposed(light[:-20, :-80], -4), exposed(light[20:, 80:], 4, 1)
    found = find_motion(View(dark), View(bright))
    true = np.array([[1.0, 0, -80], [0, 1, -20], [0, 0, 1]])
    assert corner_error(found.matrix, true, dark.shape[1], dark.shape[0]) < 0.5


@pytest.mark.parametrize("name", ["chelsea", "rocket"])
def test_nearly_white_exposure_is_found(name: str) -> None:
    light = light_of(name)
    height, width = (side - 2 * MARGIN for side in light.shape[:2])
    bright = {"chelsea": 5.6, "rocket": 6.3}[name]
    for kind, motion in motions(width, height):
        middle, white = exposed(seen(light, np.eye(3)), -1), exposed(seen(light, motion), bright, 1)
        assert white.mean() / 255 > 0.968
        found = find_motion(View(white), View(middle))
        assert found.is_of_camera and corner_error(found.matrix, motion, width, height) < 0.5, kind


@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_nearly_black_exposure_is_found_by_way_of_a_dark_one(name: str) -> None:
    light = light_of(name)
    height, width = (side - 2 * MARGIN for side in light.shape[:2])
    (_, turn), (_, tilt) = motions(width, height)
    stops = {"coffee": (-1, -7, -11.5), "rocket": (-1, -6, -10)}[name]
    views = [
        exposed(seen(light, motion), stop, seed, noise=0.1)
        for seed, (motion, stop) in enumerate(zip((np.eye(3), tilt, turn), stops, strict=True))
    ]
    assert views[2].mean() / 255 < 0.0115
    last, chain = views[0], np.eye(3)
    for view in views[1:]:
        found = find_motion(View(last), View(view))
        assert found.is_of_camera
        last, chain = view, found.matrix @ chain
    assert corner_error(chain, np.linalg.inv(turn), width, height) < 0.5


def test_water_that_moves_is_no_camera_that_moves() -> None:
    light = light_of("coffee")
    moving = light.copy()
    moving[150:] = np.roll(light[150:], 7, axis=1)
    found = find_motion(View(exposed(light, 1)), View(exposed(moving, -1, 1)))
    assert not found.is_of_camera


def test_scaling_keeps_the_centres_of_pixels() -> None:
    motion = np.array([[1.0, 0, 3], [0, 1, -2], [0, 0, 1]])
    np.testing.assert_allclose(scaled(motion, 2), [[1, 0, 6], [0, 1, -4], [0, 0, 1]])
    turned = np.array([[0.0, -1, 9], [1, 0, 0], [0, 0, 1]])  # a quarter turn of 10 x 10 pixels
    np.testing.assert_allclose(scaled(turned, 0.5), [[0, -1, 4], [1, 0, 0], [0, 0, 1]])


def test_real_hand_held_exposures_fit_better(shared) -> None:
    folder = shared / "data" / "dynamic" / "ultrafusion_0013"
    dark, bright = (View(cv2.imread(str(folder / f"{name}.jpg"))) for name in ("under", "over"))
    found = find_motion(bright, dark)
    assert found.is_of_camera and found.fit > 0.35
