import cv2
import numpy as np
import pytest

from hdr_lightning.fusion.ghosts import CLEAR, FAINT, find_curve, find_evidence, ghosts_of, is_clipped


def find_ghosts(reference: np.ndarray, exposure: np.ndarray, sensitivity: float = 0.5) -> np.ndarray:
    return ghosts_of(find_evidence(reference, exposure, sensitivity))


@pytest.fixture
def scene() -> np.ndarray:
    """Light of a scene, (H, W, 3), smooth with texture."""
    random = np.random.default_rng(0)
    coarse = cv2.resize(random.random((6, 8, 3)), (320, 240), interpolation=cv2.INTER_CUBIC)
    return np.clip(coarse, 0.02, 1) * random.uniform(0.9, 1, (240, 320, 1))


def test_curve_is_the_response_between_two_exposures(scene: np.ndarray) -> None:
    reference, exposure = scene.astype(np.float32), (scene**0.5).astype(np.float32)
    levels = np.array([0.2, 0.4, 0.6, 0.8], np.float32)
    values = find_curve(reference, exposure).of(levels[:, None, None].repeat(3, axis=2))
    np.testing.assert_allclose(values[:, 0], levels[:, None].repeat(3, 1) ** 0.5, atol=0.02)


def test_ghost_is_found_where_something_moved_and_nowhere_else(scene: np.ndarray) -> None:
    reference, exposure = scene.astype(np.float32), (scene**0.5).astype(np.float32)
    assert not find_ghosts(reference, exposure).any()
    exposure[80:140, 100:180] = 1 - exposure[80:140, 100:180]
    found = find_ghosts(reference, exposure)
    inside = np.zeros(found.shape, bool)
    inside[80:140, 100:180] = True
    assert found[inside].mean() > 0.95
    assert not found[:60].any() and not found[:, :80].any()
    assert found.sum() >= find_ghosts(reference, exposure, sensitivity=0.0).sum()


def test_whole_numbers_are_seen_as_the_floats_they_mean_and_in_either_order(scene: np.ndarray) -> None:
    one, other = (np.rint(255 * scene**power).astype(np.uint8) for power in (1, 0.5))
    other[80:140, 100:180] = 255 - other[80:140, 100:180]
    floats = [image.astype(np.float32) / 255 for image in (one, other)]
    expected = find_ghosts(*floats)
    assert expected.any()
    np.testing.assert_array_equal(find_ghosts(one, other), expected)
    np.testing.assert_array_equal(find_ghosts(other, one), expected)


def test_image_of_too_few_pixels_for_any_level() -> None:
    tiny = np.random.default_rng(0).random((18, 18, 3), np.float32)
    assert not find_ghosts(tiny, tiny**0.5).any()


def test_one_clipped_colour_is_enough() -> None:
    image = np.full((1, 2, 3), 0.5, np.float32)
    image[0, 1, 2] = 1.0
    assert is_clipped(image).tolist() == [[False, True]]


def test_ghost_reaches_as_far_as_its_faint_part(scene: np.ndarray) -> None:
    reference, exposure = scene.astype(np.float32), (scene**0.5).astype(np.float32)
    exposure[80:140, 100:120] = 1 - exposure[80:140, 100:120]
    exposure[80:140, 120:180] -= 0.03  # the rest of the thing looks nearly like what it covers
    evidence = find_evidence(reference, exposure, 0.5)
    clear, whole = (ghosts_of(evidence, least) for least in (CLEAR, FAINT))
    assert clear[85:135, 100:120].all() and not clear[80:140, 140:].any()
    assert whole[85:135, 100:180].mean() > 0.95 and not whole[:, 195:].any()
