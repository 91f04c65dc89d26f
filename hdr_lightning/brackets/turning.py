"""How far exposures of a 360-degree panorama were turned against each other about the vertical axis.

Such a turn is a roll by whole columns, which crops nothing and interpolates nothing. Brightness is replaced
by its rank, and what is compared is the difference between neighbouring columns, where both are neither black
nor white.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.imaging.brightness import mean_luma

FARTHEST = 0.1
"""Share of the circle by which neighbouring exposures are turned at most."""
CLEAR, BETTER = 0.4, 1.2
"""Correlation from which a turn is believed, and how many times that of no turn it has to be."""
LEAST_SHOWN, FEWEST = 0.5, 0.01
"""Share that both have to show of the places that they show at most, and of all places."""
_ROWS, _BLACK, _WHITE, _TINY = 256, 8, 247, 1e-12


def turns(photographs: Sequence[np.ndarray], reference: int | None = None) -> list[int]:
    """By how many columns each exposure has to be rolled to fit the others.

    Args:
        photographs: Each (H, W, 3) RGB, uint8 or uint16, all of one size, in any order.
        reference: Position of the one that stays; None for the middle one by brightness.
    """
    order = sorted(range(len(photographs)), key=lambda place: mean_luma(photographs[place]))
    changes = [_change(photographs[place]) for place in order]
    width = photographs[0].shape[1]
    steps = [_turn(*pair, width) for pair in pairwise(changes)]
    found = np.cumsum([0, *steps])
    stays = order.index(reference) if reference is not None else (len(order) - 1) // 2
    found -= found[stays]
    return [int(found[order.index(place)]) for place in range(len(order))]


class _Change(NamedTuple):
    """Spectra of rows: of what changes from column to column, of its square, and of where it is shown."""

    values: np.ndarray
    squares: np.ndarray
    shown: np.ndarray


def _change(image: np.ndarray) -> _Change:
    """Of a strip of all columns and fewer rows."""
    small = cv2.resize(image, (image.shape[1], min(image.shape[0], _ROWS)), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    if gray.dtype != np.uint8:
        gray = (gray // 257).astype(np.uint8)
    levels = np.bincount(gray.ravel(), minlength=256).cumsum()[gray] / gray.size
    shown = (gray > _BLACK) & (gray < _WHITE)
    shown &= np.roll(shown, -1, 1)
    values = (np.roll(levels, -1, 1) - levels) * shown
    return _Change(*(np.fft.rfft(part, axis=1) for part in (values, values**2, shown)))


def _turn(one: _Change, other: _Change, width: int) -> int:
    """The roll that makes the other exposure fit, 0 where none clearly does."""
    product, mine, others, both = (
        np.fft.irfft((first * second.conj()).sum(0), width)
        for first, second in (
            (one.values, other.values),
            (one.squares, other.shown),
            (one.shown, other.squares),
            (one.shown, other.shown),
        )
    )
    correlations = product / np.sqrt(np.maximum(mine * others, _TINY))
    distances = (np.arange(width) + width // 2) % width - width // 2
    enough = max(LEAST_SHOWN * both.max(), FEWEST * len(one.values) * width)
    correlations[(abs(distances) > FARTHEST * width) | (both < enough)] = -1
    best = int(correlations.argmax())
    clear = correlations[best] > max(CLEAR, BETTER * correlations[0])
    return int(distances[best]) if clear else 0
