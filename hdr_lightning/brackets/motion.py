"""How the camera moved between two exposures: a 3 x 3 map from the pixels of one to those of the other.

Brightness is taken out first: what is compared is the difference to the surroundings in units of their own
contrast, which exposures eight stops apart still share. The search goes from coarse to fine: where the phases
of both agree, the enhanced correlation coefficient (Evangelidis and Psarakis 2008), and, where that does not
fit, SIFT features with robust estimation. `subpixel` adds the last fraction of a pixel.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.brackets.subpixel import NOISE, refined
from hdr_lightning.channels import in_unit

COARSE_PIXELS, FINE_PIXELS = 60_000, 600_000
"""Of the levels on which the motion is searched; finer ones would tell a fraction of a pixel."""
GOOD_FIT = 0.4
"""Where the fit is worse, features are tried too."""
LEAST_FIT = 0.15
"""Where the fit is worse, the exposures do not show the same."""
LEAST_SIDE = 24
"""Of an image in which a motion can be searched."""
FARTHEST = 0.35
"""Share of the longer side that a corner may move."""

_SURROUNDINGS, _WINDOW = 8.0, 11
_BLUR = 0.8
_NOTICED, _TILES = 0.01, 8
_TINY = 1e-9
_UNBIASED = 0.02  # the fit that the last step may cost: it is without bias where the fit is not


class Motion(NamedTuple):
    """How a moving exposure lies on another.

    Attributes:
        matrix: (3, 3), maps pixels of the still exposure to those of the moving one.
        fit: Agreement of the structures that both share, 0 to 1, once the motion is undone.
        better: Share of these structures that agree better with the motion undone than without.
        worse: Share of those that agree less.
        shared: Share of the image in which both have structure.
    """

    matrix: np.ndarray
    fit: float
    better: float
    worse: float
    shared: float

    @property
    def is_found(self) -> bool:
        """Whether the exposures show one scene, moved or not."""
        return self.fit >= LEAST_FIT

    @property
    def is_of_camera(self) -> bool:
        """Whether nearly everything gains by undoing it: water and clouds move only a part of the image."""
        return self.is_found and self.better >= 0.8 and self.worse <= 0.05


class View:
    """An exposure as the search sees it.

    Args:
        exposure: (H, W, 3) RGB, uint8 or uint16.
    """

    def __init__(self, exposure: np.ndarray) -> None:
        self.colours = _shrunk(exposure, FINE_PIXELS)
        gray = cv2.cvtColor(in_unit(self.colours), cv2.COLOR_RGB2GRAY)
        self.fine, self.coarse = (_blurred(x) for x in (gray, _shrunk(gray, COARSE_PIXELS)))
        self.scale = gray.shape[1] / exposure.shape[1]

    @property
    def detail(self) -> float:
        """Share of the image that shows more than noise."""
        mean = _box(self.fine)
        power = np.maximum(_box(self.fine * self.fine) - mean * mean, 0)
        return float((power / (power + 4 * NOISE**2)).mean())


def find_motion(still: View, moving: View) -> Motion:
    """Search the motion that makes the moving exposure fit the still one best; identity if none does."""
    best = (_fit(still.fine, moving.fine, np.eye(3)), np.eye(3))
    for start in _starts(still, moving) if min(still.fine.shape) >= LEAST_SIDE else ():
        best = _climb(still, moving, start, best)
        if best[0] >= GOOD_FIT:
            break
    fit, motion = best
    return Motion(scaled(motion, 1 / still.scale), fit, *_gained(still.fine, moving.fine, motion))


def scaled(motion: np.ndarray, factor: float) -> np.ndarray:
    """The motion between images that are `factor` times as large; centres of pixels are whole numbers."""
    offset = (factor - 1) / 2
    scaling = np.array([[factor, 0, offset], [0, factor, offset], [0, 0, 1.0]])
    return np.asarray(scaling @ motion @ np.linalg.inv(scaling))


def corners_of(motion: np.ndarray, width: int, height: int) -> np.ndarray:
    """(4, 2): where the corners of a moving image lie in the still one, (x, y)."""
    corners = np.array([[[0, 0], [width, 0], [0, height], [width, height]]], dtype=np.float64)
    return np.asarray(cv2.perspectiveTransform(corners, np.linalg.inv(motion))[0])


def moved(motion: np.ndarray, width: int, height: int) -> float:
    """The furthest that a corner moves, in pixels."""
    return float(np.abs(corners_of(motion, width, height) - corners_of(np.eye(3), width, height)).max())


def _starts(still: View, moving: View) -> Iterator[np.ndarray | None]:
    """Where to begin: the best of some coarse guesses, then, if it is asked for, what features say."""
    one, other = _structure(still.coarse), _structure(moving.coarse)
    shifts = [np.eye(3), _phase_shift(one, other)]
    guesses = [*shifts, *(_ecc(one, other, shift, cv2.MOTION_EUCLIDEAN, 5) for shift in shifts)]
    sane = [guess for guess in guesses if guess is not None and _is_sane(guess, still.coarse)]
    coarse = max(sane, key=lambda guess: _fit(still.coarse, moving.coarse, guess))
    yield scaled(coarse, still.fine.shape[1] / still.coarse.shape[1])
    yield _from_features(_structure(still.fine), _structure(moving.fine))


def _climb(
    still: View, moving: View, start: np.ndarray | None, best: tuple[float, np.ndarray]
) -> tuple[float, np.ndarray]:
    """The better of `best` and of what is reached from `start`, each with its fit."""
    if start is None or not _is_sane(start, still.fine):
        return best
    target = _structure(still.fine)
    first = _ecc(target, _structure(moving.fine), start, cv2.MOTION_HOMOGRAPHY, 5)
    found = max(best, *(_rated(still, moving, motion) for motion in (start, first)), key=lambda x: x[0])
    if found is best:
        return best
    last = _rated(still, moving, refined(still.colours, moving.colours, found[1]))
    return last if last[0] > found[0] - _UNBIASED else found


def _rated(still: View, moving: View, motion: np.ndarray | None) -> tuple[float, np.ndarray]:
    if motion is None or not _is_sane(motion, still.fine):
        return -1.0, np.eye(3)
    return _fit(still.fine, moving.fine, motion), motion


def _fit(still: np.ndarray, moving: np.ndarray, motion: np.ndarray) -> float:
    """Mean agreement of the structure that both show, 0 to 1."""
    agreement, weight = _agreement(still, moving, motion)
    return float((agreement * weight).sum() / max(weight.sum(), _TINY))


def _gained(still: np.ndarray, moving: np.ndarray, motion: np.ndarray) -> tuple[float, float, float]:
    """Shares of the common structure that gain and lose, in tiles, and its own share of the image."""
    before, weight = _agreement(still, moving, np.eye(3))
    after, weight_after = _agreement(still, moving, motion)
    weight = np.minimum(weight, weight_after)
    size = (_TILES, _TILES)
    gain, share = (
        cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in ((after - before) * weight, weight)
    )
    better, worse = (float(share[sign * gain > _NOTICED * share].sum()) for sign in (1, -1))
    total = max(float(share.sum()), _TINY)
    return better / total, worse / total, float(weight.mean())


def _agreement(still: np.ndarray, moving: np.ndarray, motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared correlation of windows, and how much structure both show there, each (H, W) in [0, 1]."""
    inside = _box(_warped(np.ones_like(moving), motion, still)) > 0.999
    other = _warped(moving, motion, still)
    mean, mean_other = _box(still), _box(other)
    power = _box(still * still) - mean * mean
    power_other = _box(other * other) - mean_other * mean_other
    common = np.maximum(_box(still * other) - mean * mean_other, 0)
    agreement = common**2 / ((power + NOISE**2) * (power_other + NOISE**2))
    weaker = np.maximum(np.minimum(power, power_other), 0)
    return agreement, (weaker / (weaker + 4 * NOISE**2)) ** 2 * inside


def _structure(gray: np.ndarray) -> np.ndarray:
    """Difference to the surroundings, in units of their own contrast."""
    detail = gray - cv2.GaussianBlur(gray, (0, 0), _SURROUNDINGS)
    contrast = cv2.GaussianBlur(detail * detail, (0, 0), _SURROUNDINGS)
    return np.asarray(detail / np.sqrt(contrast + NOISE**2))


def _phase_shift(still: np.ndarray, moving: np.ndarray) -> np.ndarray:
    window = cv2.createHanningWindow(still.shape[::-1], cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(still, moving, window)
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def _ecc(
    still: np.ndarray, moving: np.ndarray, start: np.ndarray, model: int, blur: int
) -> np.ndarray | None:
    """The motion that maximises the enhanced correlation coefficient; None where the search gets lost."""
    rows = 3 if model == cv2.MOTION_HOMOGRAPHY else 2
    guess = np.ascontiguousarray(start[:rows], dtype=np.float32)
    everywhere = np.full(still.shape, 255, np.uint8)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-5)
    try:
        _, found = cv2.findTransformECC(still, moving, guess, model, criteria, everywhere, blur)
    except cv2.error:
        return None
    return np.vstack([found, start[rows:]]).astype(np.float64)


def _from_features(still: np.ndarray, moving: np.ndarray) -> np.ndarray | None:
    sift = cv2.SIFT.create(2000, contrastThreshold=0.02)
    images = [np.clip(50 * image + 128, 0, 255).astype(np.uint8) for image in (still, moving)]
    (points, words), (other_points, other_words) = (sift.detectAndCompute(image, None) for image in images)
    if min(len(points), len(other_points)) < 8:
        return None
    pairs = cv2.BFMatcher().knnMatch(words, other_words, k=2)
    good = [first for first, second in pairs if first.distance < 0.85 * second.distance]
    if len(good) < 8:
        return None
    here = np.array([points[match.queryIdx].pt for match in good], np.float32)
    there = np.array([other_points[match.trainIdx].pt for match in good], np.float32)
    motion, _ = cv2.findHomography(here, there, cv2.USAC_MAGSAC, 2.0, maxIters=5000)
    return None if motion is None else np.asarray(motion, np.float64)


def _is_sane(motion: np.ndarray, image: np.ndarray) -> bool:
    if not np.isfinite(motion).all() or abs(np.linalg.det(motion)) < 0.1:
        return False
    height, width = image.shape
    return bool(moved(motion, width, height) < FARTHEST * max(width, height))


def _warped(image: np.ndarray, motion: np.ndarray, like: np.ndarray) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, motion, like.shape[::-1], flags=flags))


def _box(image: np.ndarray) -> np.ndarray:
    return cv2.blur(image, (_WINDOW, _WINDOW))


def _blurred(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), _BLUR)


def _shrunk(image: np.ndarray, pixels: int) -> np.ndarray:
    height, width = image.shape[:2]
    factor = (pixels / (height * width)) ** 0.5
    return (
        image if factor >= 1 else cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )
