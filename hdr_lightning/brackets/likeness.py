"""Whether two exposures show one scene, however they differ in light: what their thumbnails say."""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.brackets.motion import View, find_motion
from hdr_lightning.errors import InputError

SIDE = 96
"""Longer side of a thumbnail in pixels."""
SAME, DIFFERENT = 0.4, 0.22
"""Correlations of the detail from which exposures show one scene, and below which they do not. Neighbouring
exposures of 93 real brackets that both show `ENOUGH` have a median of 0.99 and never less than 0.76; of
exposures of different scenes 95 in a hundred have less than 0.2, 99 less than 0.29."""
ENOUGH = 0.25
"""Share of a thumbnail that both must show, neither black nor white, before they can be told apart."""

_BLACK, _WHITE, _REACH, _DETAIL, _LEAST = 8, 247, 0.12, 4.0, 0.08
_FAINT, _TINY = 0.02, 1e-6


class Likeness(NamedTuple):
    """How alike the detail of two exposures is.

    Attributes:
        correlation: -1 to 1, the best over all shifts up to an eighth of the size.
        overlap: Share of the thumbnail that both show, 0 to 1.
    """

    correlation: float
    overlap: float

    @property
    def same(self) -> bool:
        """Whether both clearly show one scene."""
        return self.correlation >= SAME

    @property
    def doubt(self) -> float:
        """How far they are from clearly showing one scene, 0 to 1; 1 where nothing can be compared."""
        return min(max(1 - self.correlation / SAME, 0.0), 1.0)

    @property
    def different(self) -> bool:
        """Whether they clearly show different ones."""
        return self.correlation < DIFFERENT and self.overlap >= ENOUGH


class Detail(NamedTuple):
    """What is compared.

    Attributes:
        shape: Of the thumbnail.
        spectra: Of its detail, which is 0 where it is black or white; of the square; of where it is neither.
        brightness: Logarithm to base 2 of its mean light.
        levels: The thumbnail, brightness replaced by its rank.
        shown: 1 where it is neither black nor white, else 0.
    """

    shape: tuple[int, ...]
    spectra: tuple[np.ndarray, np.ndarray, np.ndarray]
    brightness: float
    levels: np.ndarray
    shown: np.ndarray


def detail(pixels: np.ndarray) -> Detail:
    """The detail of a photograph, gray or RGB, uint8 or uint16.

    Brightness is replaced by its rank, so exposure does not matter; its mean over a surrounding is taken off,
    so that a bright sky above dark land is nothing that scenes share; and contrast is evened out.
    """
    gray = _thumbnail(pixels)
    ranks = np.bincount(gray.ravel(), minlength=256).cumsum() / gray.size
    shown = ((gray > _BLACK) & (gray < _WHITE)).astype(np.float32)
    levels = ranks[gray].astype(np.float32)
    values = _evened(levels, shown)
    spectra = tuple(_spectrum(image) for image in (values, values**2, shown))
    light = float(np.log2(_light(gray).mean() + 1e-4))
    return Detail(gray.shape, spectra, light, levels, shown)  # type: ignore[arg-type]


def likeness(one: Detail, other: Detail) -> Likeness:
    """Compare two exposures; those of other shapes are not alike."""
    if one.shape != other.shape:
        return Likeness(-1.0, 1.0)
    height, width = one.shape
    (values, squares, shown), (others, other_squares, other_shown) = one.spectra, other.spectra
    both, product = _correlated(shown, other_shown), _correlated(values, others)
    powers = _correlated(squares, other_shown) * _correlated(shown, other_squares)
    correlations = product / np.sqrt(np.maximum(powers, _TINY**2))
    allowed = _shifts(height, width) & (both > _LEAST * height * width)
    correlations = np.where(allowed, correlations, -1.0)
    place = np.unravel_index(correlations.argmax(), correlations.shape)
    best = float(correlations[place])
    if best > -1:
        down, right = (
            int(shift) - (2 * size if shift > size else 0)
            for shift, size in zip(place, one.shape, strict=True)
        )
        best = max(best, _closely(one, other, down, right))
    return Likeness(best, float(both[0, 0] / (height * width)))


def _closely(one: Detail, other: Detail, down: int, right: int) -> float:
    """The correlation for a shift, with the surroundings of each place where both show it."""
    height, width = one.shape
    here = np.s_[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    there = np.s_[max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)]
    shown = one.shown[here] * other.shown[there]
    values, others = _evened(one.levels[here], shown), _evened(other.levels[there], shown)
    power = float((values**2).sum() * (others**2).sum())
    return float((values * others).sum()) / max(power, _TINY**2) ** 0.5


def _evened(levels: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The detail of levels, without the mean of its surroundings and of even contrast; 0 where not shown."""
    weight = cv2.GaussianBlur(shown, (0, 0), _DETAIL) + _TINY
    values = (levels - cv2.GaussianBlur(levels * shown, (0, 0), _DETAIL) / weight) * shown
    values /= np.sqrt(cv2.GaussianBlur(values**2, (0, 0), _DETAIL) / weight) + _FAINT
    return np.asarray(values)


def refuse_different(photographs: Sequence[np.ndarray], names: Sequence[str], found: bool = False) -> None:
    """Refuse exposures that clearly show different scenes.

    Of exposures many stops apart a thumbnail shows next to nothing in common: where it finds them different,
    the structure that `find_motion` compares has the last word.

    Args:
        photographs: (H, W, 3), uint8 or uint16, in any order.
        names: What to call them.
        found: Whether they were found to belong together by more than what they show; then it is a warning.

    Raises:
        InputError: It names two neighbours in brightness.
    """
    details = [detail(photograph) for photograph in photographs]
    order = sorted(range(len(details)), key=lambda place: details[place].brightness)
    for dark, bright in pairwise(order):
        alike = likeness(details[dark], details[bright])
        if not alike.different or find_motion(View(photographs[dark]), View(photographs[bright])).is_found:
            continue
        got = (
            f"Expected exposures of one scene. Got {names[dark]} and {names[bright]}, whose detail "
            f"correlates by {alike.correlation:.2f}"
        )
        if not found:
            raise InputError(f"{got}: --group auto finds brackets, --group off takes them as they are")
        warnings.warn(f"{got}: fused, for their exposures and times are those of a bracket", stacklevel=2)


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """(H, W) gray of 8 bits, `SIDE` pixels long."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    gray = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return gray if gray.dtype == np.uint8 else (gray // 257).astype(np.uint8)


def _light(gray: np.ndarray) -> np.ndarray:
    return np.asarray((gray / 255.0) ** 2.2)


def _spectrum(image: np.ndarray) -> np.ndarray:
    """Of an image framed by as many zeros, so that shifts do not wrap around."""
    height, width = image.shape
    framed = cv2.copyMakeBorder(image, 0, height, 0, width, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.dft(framed.astype(np.float32), flags=cv2.DFT_COMPLEX_OUTPUT))


def _correlated(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The correlation for every shift, from spectra; those to the left and up at the end."""
    product = cv2.mulSpectrums(one, other, 0, conjB=True)
    return np.asarray(cv2.idft(product, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT))


@lru_cache
def _shifts(height: int, width: int) -> np.ndarray:
    """Where, among all shifts, those lie that a camera makes between two exposures."""
    near = [
        np.minimum(np.arange(2 * size), 2 * size - np.arange(2 * size)) <= _REACH * size
        for size in (height, width)
    ]
    return np.asarray(near[0][:, None] & near[1][None])
