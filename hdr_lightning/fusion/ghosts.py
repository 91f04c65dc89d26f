"""Where exposures contradict a reference once brightness is accounted for.

How bright an exposure is where the reference has some level is read from both: the median over all places of
that level, which nothing that moves can shift while it covers less than half of them. What lies further from
that curve than the scatter around it is a ghost, unless the reference is clipped there and the other side of
the clip is what the exposure shows; so is structure that has no counterpart.
"""

from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.channels import by_level, highest, in_unit, interpolated, mean
from hdr_lightning.rising import rising

PIXELS = 400_000
"""Of the reduced images on which ghosts are looked for."""
HIGH, LOW = 0.96, 0.025
"""Levels from which on a reference counts as clipped."""
LEAST_SHARE = 1.5e-4
"""Share of the image below which a ghost is noise."""
LARGEST_HOLE = 0.03
"""Share of the image up to which what ghosts surround moves with them."""
FAINT, CLEAR = 0.15, 0.5
"""Evidence from which on what surrounds a ghost belongs to it: all of a thing that moves, most of which may
look like what it covers, or only the part that differs."""

_BINS, _VALUES = 64, 256
_FEWEST = 20  # pixels of a level from which its median is read
_TOLERANCE, _SLACK, _MOST_SCATTER = 3.0, 0.02, 0.08
_STABILITY = 0.03**2  # of SSIM
_GAP = 0.022  # of the side of a square as large as the image
_MARGIN = 4  # pixels of the reduced image
_AGREEMENT = 0.1


class Curve(NamedTuple):
    """How bright an exposure is where the reference has the levels 0, 1 / 63, ... 1, for each colour (3, 64).

    Attributes:
        values: The median.
        scatter: The standard deviation around it.
    """

    values: np.ndarray
    scatter: np.ndarray

    def of(self, reference: np.ndarray, scatter: bool = False) -> np.ndarray:
        """The values, or their scatter, for a reference (H, W, 3)."""
        return interpolated(reference, self.scatter if scatter else self.values)

    def gain(self, reference: np.ndarray) -> np.ndarray:
        """How many times as large a small difference becomes there, (H, W, 3)."""
        return interpolated(reference, np.gradient(self.values, 1 / (_BINS - 1), axis=1))


def find_curve(reference: np.ndarray, exposure: np.ndarray) -> Curve:
    """The curve between two images (H, W, 3), of whole numbers or floats in [0, 1]."""
    curves = [
        _channel_curve(*planes) for planes in zip(cv2.split(reference), cv2.split(exposure), strict=True)
    ]
    return Curve(np.stack([curve[0] for curve in curves]), np.stack([curve[1] for curve in curves]))


def find_evidence(reference: np.ndarray, exposure: np.ndarray, sensitivity: float) -> np.ndarray:
    """How surely an exposure contradicts the reference, and so the reference the exposure.

    Args:
        reference: (H, W, 3), reduced: whole numbers, which are faster, or floats in [0, 1].
        exposure: (H, W, 3) likewise.
        sensitivity: 0 (hardly anything is a ghost) to 1.

    Returns:
        (H, W), 0 where they agree, above 1 where no doubt is left.
    """
    ways = [_contradiction(reference, exposure), _contradiction(exposure, reference)]
    (deviation, mismatch), (deviation_back, mismatch_back) = ways
    evidence = np.minimum(deviation, deviation_back)
    evidence = np.minimum(np.maximum(evidence, np.minimum(mismatch, mismatch_back)), 3)
    return np.asarray(cv2.blur(evidence, (5, 5)) * 2.0 ** (2 * sensitivity - 1))


def ghosts_of(evidence: np.ndarray, least: float = FAINT) -> np.ndarray:
    """Where the ghosts are by the evidence (H, W), bool, with a narrow margin.

    Args:
        evidence: Of `find_evidence`.
        least: What a place needs that is connected to one of which there is no doubt.
    """
    count, labels = cv2.connectedComponents((evidence > least).astype(np.uint8), connectivity=8)
    sure = np.bincount(labels[evidence > 1], minlength=count)
    sure[0] = 0
    ghosts = (sure >= max(LEAST_SHARE * evidence.size, 12))[labels]
    return _grown(_whole(ghosts), _MARGIN)


def _whole(ghosts: np.ndarray) -> np.ndarray:
    """With gaps closed and holes filled: the inside of a moving thing may look like what it covers."""
    gap = max(round(_GAP * ghosts.size**0.5), 1)
    framed = np.pad(ghosts, 2 * gap)
    closed = ~_grown(~_grown(framed, gap), gap)[2 * gap : -2 * gap, 2 * gap : -2 * gap]
    _, labels, facts, _ = cv2.connectedComponentsWithStats((~closed).astype(np.uint8), connectivity=4)
    small = facts[:, cv2.CC_STAT_AREA] < LARGEST_HOLE * ghosts.size
    return np.asarray(closed | small[labels])


def _grown(mask: np.ndarray, radius: int) -> np.ndarray:
    if not mask.any():
        return mask
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= radius)


def is_clipped(reference: np.ndarray) -> np.ndarray:
    """Where a reference (H, W, 3) in [0, 1] says no more than that it was bright, (H, W)."""
    return np.asarray((reference >= HIGH).any(axis=-1))


def _contradiction(reference: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`_deviation` and `_mismatch` of an exposure from what the reference lets expect."""
    curve, seen = find_curve(reference, exposure), in_unit(exposure)
    expected = curve.of(reference)
    tolerance = _TOLERANCE * curve.of(reference, scatter=True) + _SLACK
    return _deviation(reference, seen, expected, tolerance), _mismatch(seen, expected)


def _deviation(
    reference: np.ndarray, seen: np.ndarray, expected: np.ndarray, tolerance: np.ndarray
) -> np.ndarray:
    """By how many tolerances the exposure lies outside of what the reference allows, (H, W).

    Where the reference is clipped, the exposure may be anything on the other side of the clip; colours that
    are not clipped themselves say nothing there, for cameras pale what they clip.
    """
    around = np.ones((3, 3), np.uint8)  # a pixel of misalignment is no ghost
    least, most = cv2.erode(expected, around), cv2.dilate(expected, around)
    high = by_level(cv2.dilate(reference, around), lambda values: (values >= HIGH).astype(np.uint8))
    low = by_level(cv2.erode(reference, around), lambda values: (values <= LOW).astype(np.uint8))
    clipped = highest(high)[..., None]
    above, below = (seen - most) * (1 - clipped), (least - seen) * (1 - (low | (clipped & ~high)))
    return highest(np.maximum(above, below) / tolerance).clip(0)


def _mismatch(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How surely structures differ, 0 to 2, (H, W): the third term of SSIM, near or below 0."""
    one, other = mean(expected), mean(seen)
    around, around_other = _box(one), _box(other)
    power = np.maximum(_box(one * one) - around * around, 0)
    power_other = np.maximum(_box(other * other) - around_other * around_other, 0)
    agreement = _box(one * other) - around * around_other + _STABILITY
    agreement /= np.sqrt(power * power_other) + _STABILITY
    return np.asarray(np.clip((0.5 - agreement) / (0.5 - _AGREEMENT), 0, 2), np.float32)


def _box(image: np.ndarray) -> np.ndarray:
    return cv2.blur(image, (9, 9))


def _channel_curve(reference: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    levels = by_level(reference, lambda unit: np.rint(unit * (_BINS - 1)).astype(np.int32))
    values = by_level(exposure, lambda unit: np.minimum(unit * _VALUES, _VALUES - 1).astype(np.int32))
    counts = np.bincount((levels * _VALUES + values).ravel(), minlength=_BINS * _VALUES)
    counts = counts.reshape(_BINS, _VALUES)
    shown = counts.sum(1)
    known = shown >= _FEWEST if shown.max() >= _FEWEST else shown > 0  # which tiny images have to do with
    places = np.linspace(0, 1, _BINS)
    inner = known & (places <= HIGH) & (places >= LOW)
    known = inner if inner.sum() >= 2 else known
    lower, median, upper = (_quantiles(counts[known], q) for q in (0.25, 0.5, 0.75))
    # levels that only something moving has show all kinds of values, and must not bend the curve
    weights = counts[known].sum(1) / (upper - lower + 1 / _BINS) ** 2
    curve = rising(median, weights)
    # what moves lies mostly on one side of the curve, and widens that side only
    scatter = np.clip(np.minimum(upper - median, median - lower) / 0.6745, 1 / 255, _MOST_SCATTER)
    return tuple(np.interp(places, places[known], table) for table in (curve, scatter))


def _quantiles(counts: np.ndarray, share: float) -> np.ndarray:
    """The value below which a share of each row lies, within the bin by interpolation."""
    sums = counts.cumsum(1)
    target = share * sums[:, -1:]
    place = (sums < target).sum(1)
    rows = np.arange(len(counts))
    before = sums[rows, place] - counts[rows, place]
    inside = (target[:, 0] - before) / np.maximum(counts[rows, place], 1)
    return np.asarray((place + inside) / counts.shape[1])
