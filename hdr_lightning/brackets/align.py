"""Hand-held brackets: turn every exposure onto one of them and keep what all of them show."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.errors import InputError

COARSEST = 96
"""Smaller side in pixels under which the search for the motion begins; reaches about a fifth of the image."""
PERSPECTIVE_FROM = 256
"""Smaller side from which a tilt of the camera shows; coarser levels look for shift and rotation only."""
FINEST_PIXELS = 3_000_000
"""Levels with more pixels are not searched: the motion is known to a fraction of a pixel by then."""
LEAST_CORRELATION, LEAST_OVERLAP = 0.5, 0.5
"""Below these the exposures show different motifs."""
SLACK = 0.25
"""Pixels beyond the edge that are repeated from it rather than cropped, so that tripods lose nothing."""

_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-5)
_SMOOTHING = 5
_DOUBLE = np.diag([2.0, 2.0, 1.0])


class Aligned(NamedTuple):
    """Exposures that lie on each other, cropped to the part that all of them show.

    Attributes:
        exposures: Each (H', W', 3) of the type that came in.
        moved: The furthest that a corner of an exposure was moved, in pixels.
    """

    exposures: list[np.ndarray]
    moved: float


def align_exposures(exposures: Sequence[np.ndarray], reference: int, names: Sequence[str]) -> Aligned:
    """Undo shift, rotation and tilt of the camera between exposures.

    The motion maximises the enhanced correlation coefficient (Evangelidis and Psarakis 2008, OpenCV's
    implementation) of images with equalised histograms, from coarse to fine.

    Args:
        exposures: Each (H, W, 3) RGB, uint8 or uint16, all of one size.
        reference: Position of the exposure that stays where it is.
        names: What to call the exposures in errors.

    Raises:
        InputError: An exposure does not match the reference.
    """
    target = _pyramid(exposures[reference])
    motions = []
    for position, exposure in enumerate(exposures):
        motion = np.eye(3)
        if position != reference:
            motion = _motion(target, _pyramid(exposure), f"{names[position]} and {names[reference]}")
        motions.append(motion)
    height, width = exposures[reference].shape[:2]
    corners = np.array([_corners(motion, width, height) for motion in motions])
    left, top, right, bottom = _common(corners)
    if right <= left or (right - left) * (bottom - top) < LEAST_OVERLAP * width * height:
        raise InputError(f"Expected exposures that overlap by half. Got others in {', '.join(names)}")
    crop = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
    size = (right - left, bottom - top)
    warped = [
        _warp(exposure, motion @ crop, size) for exposure, motion in zip(exposures, motions, strict=True)
    ]
    return Aligned(warped, float(np.abs(corners - _corners(np.eye(3), width, height)).max()))


def _pyramid(exposure: np.ndarray) -> list[np.ndarray]:
    """Gray images with equalised histograms, each half the size of the one before."""
    gray = cv2.cvtColor(exposure, cv2.COLOR_RGB2GRAY)
    if gray.dtype != np.uint8:
        gray = cv2.convertScaleAbs(gray, alpha=1 / 257)
    levels = [cv2.equalizeHist(gray)]
    while min(levels[-1].shape) > COARSEST:
        levels.append(cv2.pyrDown(levels[-1]))
    return levels


def _motion(target: list[np.ndarray], moving: list[np.ndarray], names: str) -> np.ndarray:
    """The 3 x 3 map from pixels of the target to pixels of the moving image."""
    motion, correlation = np.eye(3), 0.0
    for level in reversed(range(len(target))):
        if target[level].size <= FINEST_PIXELS:
            model = _model(target[level], coarsest=level == len(target) - 1)
            try:
                correlation, motion = _refine(target[level], moving[level], motion, model)
            except cv2.error as error:
                raise InputError(f"Expected exposures that can be aligned. Got {names}") from error
        if level:
            motion = _DOUBLE @ motion @ np.linalg.inv(_DOUBLE)
    if correlation < LEAST_CORRELATION:
        raise InputError(
            f"Expected exposures of one motif to align. Got {names}, which correlate by {correlation:.2f}"
        )
    return motion


def _model(image: np.ndarray, coarsest: bool) -> int:
    if min(image.shape) >= PERSPECTIVE_FROM:
        return cv2.MOTION_HOMOGRAPHY
    return cv2.MOTION_TRANSLATION if coarsest else cv2.MOTION_EUCLIDEAN


def _refine(
    target: np.ndarray, moving: np.ndarray, start: np.ndarray, model: int
) -> tuple[float, np.ndarray]:
    rows = 3 if model == cv2.MOTION_HOMOGRAPHY else 2
    guess = np.ascontiguousarray(start[:rows], dtype=np.float32)
    nothing_masked = np.full(target.shape, 255, np.uint8)
    correlation, found = cv2.findTransformECC(
        target, moving, guess, model, _CRITERIA, nothing_masked, _SMOOTHING
    )
    return float(correlation), np.vstack([found, start[rows:]])


def _corners(motion: np.ndarray, width: int, height: int) -> np.ndarray:
    """(4, 2): where the corners of a moved image lie in the target."""
    corners = np.array([[[0, 0], [width, 0], [0, height], [width, height]]], dtype=np.float64)
    return np.asarray(cv2.perspectiveTransform(corners, np.linalg.inv(motion))[0])


def _common(corners: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of an upright rectangle inside all quadrilaterals (N, 4, 2)."""
    x, y = corners[..., 0], corners[..., 1]
    left, top = x[:, [0, 2]].max(), y[:, [0, 1]].max()
    right, bottom = x[:, [1, 3]].min(), y[:, [2, 3]].min()
    left, top = np.ceil(np.subtract((left, top), SLACK))
    right, bottom = np.floor(np.add((right, bottom), SLACK))
    return int(left), int(top), int(right), int(bottom)


def _warp(exposure: np.ndarray, motion: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(exposure, motion, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
