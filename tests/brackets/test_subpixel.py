import cv2
import numpy as np
import pytest

from hdr_lightning.brackets.subpixel import refined


@pytest.mark.parametrize(("dark", "bright"), [(0.4, 1.0), (1.0, 0.4)])
def test_known_shift_is_found_to_a_fraction_of_a_pixel(dark: float, bright: float) -> None:
    random = np.random.default_rng(0)
    coarse = sum(cv2.resize(random.random((n, n, 3), np.float32), (360, 280)) for n in (8, 24, 70)) / 3
    truth = np.array([[1, 0, 1.37], [0, 1, -0.71], [0, 0, 1]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    still, moving = (
        np.clip(cv2.warpPerspective(coarse, motion, (320, 240), flags=flags) * gain, 0, 1).astype(np.float32)
        for motion, gain in ((np.eye(3), dark), (np.linalg.inv(truth), bright))
    )
    noise = random.normal(0, 0.003, (2, *still.shape)).astype(np.float32)
    still, moving = still + noise[0], moving + noise[1]
    guess = np.array([[1, 0, 1.0], [0, 1, 0.0], [0, 0, 1]])
    found = refined(still, moving, guess)
    corner = np.array([[40, 40, 1], [280, 200, 1]]).T
    expected, moved = (motion @ corner for motion in (truth, found))
    assert np.abs(moved[:2] / moved[2] - expected[:2]).max() < 0.1
