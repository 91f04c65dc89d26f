"""The last fraction of a pixel between two exposures: least squares on what both show, each colour by itself.

The darker exposure is brightened to the histogram of the brighter one, so both are clipped alike, and counts
less where that amplifies its noise. Noise at the black end and clipping still leave differences that depend
on brightness, and would pull at the scale and the tilt. So for every level of the brighter exposure the mean
difference is taken out: which level belongs to which is fitted along with the motion.
"""

from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.channels import by_level, in_unit

NOISE = 1.5 / 255
"""Of an exposure, before it is brightened."""

_BLUR = 0.8
_CODES, _LEVELS = 1024, 64
_SHARE = 0.25  # of the pixels
_STEPS, _ENOUGH = 8, 0.01  # pixels
_TINY = 1e-9


class _Colour(NamedTuple):
    """One colour of both exposures, at the N pixels of the brighter one that tell most about positions.

    Attributes:
        places: (N,), where these pixels lie in the flat image.
        target: (N,), their values.
        levels: (N,), int: the same in `_LEVELS` steps.
        slopes: (N, 8): how they change with each number of a homography.
        other: (H, W), of the darker exposure, brightened.
        variance: (H, W), of the noise in both, where `other` lies.
    """

    places: np.ndarray
    target: np.ndarray
    levels: np.ndarray
    slopes: np.ndarray
    other: np.ndarray
    variance: np.ndarray


def refined(still: np.ndarray, moving: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """A motion that is right to a pixel or two, made right to a fraction of one.

    Args:
        still: (H, W, 3), whole numbers of 8 or 16 bits, or float32 in [0, 1].
        moving: (H, W, 3) likewise.
        motion: (3, 3), maps pixels of the still exposure to those of the moving one.
    """
    if in_unit(still).mean() < in_unit(moving).mean():
        return np.asarray(np.linalg.inv(refined(moving, still, np.linalg.inv(motion))))
    height, width = still.shape[:2]
    inside = _inside(height, width, motion)
    colours = [_colour(still[..., c], moving[..., c], motion, inside) for c in range(3)]
    units = np.array([[2 / width, 0, 1 / width - 1], [0, 2 / width, (1 - height) / width], [0, 0, 1]])
    for _ in range(_STEPS):
        step = np.eye(3)
        step.flat[:8] += _step([_equations(colour, motion, inside) for colour in colours])
        motion = motion @ np.linalg.inv(units) @ np.linalg.inv(step) @ units
        if np.abs(step - np.eye(3)).max() * width / 2 < _ENOUGH:
            break
        inside = _inside(height, width, motion)
    return np.asarray(motion / motion[2, 2])


def _colour(bright: np.ndarray, dark: np.ndarray, motion: np.ndarray, inside: np.ndarray) -> _Colour:
    bright = in_unit(bright)
    curve, gain = _brightening(bright, in_unit(dark), motion, inside)
    codes = (np.arange(_CODES) + 0.5) / _CODES

    def looked_up(table: np.ndarray) -> np.ndarray:
        return by_level(dark, lambda values: np.interp(values, codes, table).astype(np.float32))

    other, gains = looked_up(curve), looked_up(gain)
    variance = NOISE**2 * (cv2.GaussianBlur(gains * gains, (0, 0), 2 * _BLUR) + 1)
    image = _blurred(bright)
    right, down = (cv2.Sobel(image, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    noise = np.maximum(_warped(variance, motion), NOISE**2)
    telling = (inside * (right**2 + down**2) / noise).ravel()
    places = np.flatnonzero(telling >= np.quantile(telling, 1 - _SHARE))
    target = image.ravel()[places]
    levels = np.clip(target * _LEVELS, 0, _LEVELS - 1).astype(np.int64)
    return _Colour(places, target, levels, _slopes(right, down, places), _blurred(other), variance)


def _brightening(
    bright: np.ndarray, dark: np.ndarray, motion: np.ndarray, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The bright level for every code of the dark exposure, and how much noise gains by it, (1024,) each."""
    counts = np.histogram(_warped(dark, motion)[inside], _CODES, (0, 1))[0]
    values = np.sort(bright[inside])
    shares = (counts.cumsum() - counts / 2) / max(counts.sum(), 1)
    curve = np.interp(shares, np.linspace(0, 1, len(values)), values)
    gain = cv2.GaussianBlur(np.gradient(curve, 1 / _CODES)[None], (0, 0), _CODES / 128)[0]
    return curve, gain


def _slopes(right: np.ndarray, down: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Change of an image with the first eight numbers of a homography near identity, (N, 8).

    Positions are counted from the middle in units of half the width.
    """
    height, width = right.shape
    y, x = (part.astype(np.float32) for part in np.divmod(places, width))
    x, y = ((side + 0.5) * 2 / width - size / width for side, size in ((x, width), (y, height)))
    right, down = (width / 2 * part.ravel()[places] for part in (right, down))
    out = -(x * right + y * down)
    return np.stack([x * right, y * right, right, x * down, y * down, down, x * out, y * out], axis=-1)


def _equations(colour: _Colour, motion: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix (8, 8) and right side (8,) of the step that this colour asks for."""
    planes = (*(_warped(x, motion) for x in (colour.other, colour.variance)), inside)
    other, variance, inside = (plane.ravel()[colour.places] for plane in planes)
    difference = other - colour.target
    weight = inside / np.maximum(variance, NOISE**2)
    surprise = difference**2 * weight
    usual = max(float(np.median(surprise[inside])) if inside.any() else 0.0, _TINY)
    weight = weight / (1 + 0.1 * surprise / usual)  # least where something else moves
    weighted = colour.slopes * weight[:, None]
    total = np.bincount(colour.levels, weight, _LEVELS) + _TINY
    means = np.stack([np.bincount(colour.levels, column, _LEVELS) for column in weighted.T]) / total
    rest = np.bincount(colour.levels, weight * difference, _LEVELS)
    matrix = weighted.T @ colour.slopes - (means * total) @ means.T
    return matrix, weighted.T @ difference - means @ rest


def _step(equations: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    matrix, side = (np.sum(parts, axis=0, dtype=np.float64) for parts in zip(*equations, strict=True))
    return np.asarray(np.linalg.lstsq(matrix, side)[0])


def _inside(height: int, width: int, motion: np.ndarray) -> np.ndarray:
    """Where a moved image of that size shows something, away from its edge, (H, W)."""
    everywhere = np.ones((height, width), np.float32)
    return cv2.erode(_warped(everywhere, motion), np.ones((5, 5))) > 0.999


def _warped(image: np.ndarray, motion: np.ndarray) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, motion, image.shape[::-1], flags=flags))


def _blurred(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), _BLUR)
