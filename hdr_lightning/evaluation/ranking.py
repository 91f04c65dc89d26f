"""Statistics over scenes: means with their uncertainty, who wins, and whether two methods differ."""

from functools import cache
from typing import NamedTuple

import numpy as np

from hdr_lightning.metrics.registry import Better

RESAMPLES = 9999
CONFIDENCE = 0.95
TARGETS = {"one": 1.0, "zero": 0.0}
"""Values that a score should be near to, by its direction."""


class Summary(NamedTuple):
    """One method over its scenes."""

    scenes: int
    mean: float
    low: float  # ends of the 95 % bootstrap interval of the mean
    high: float
    minimum: float
    wins: int | None  # scenes on which no other is better; None where no direction is better


class Comparison(NamedTuple):
    """One method minus another over the scenes of both."""

    scenes: int
    difference: float
    low: float  # ends of the 95 % bootstrap interval of the mean difference
    high: float
    above: int
    below: int
    p: float  # two-sided sign-flip permutation test of no difference


def summarize(scores: np.ndarray, better: Better) -> list[Summary | None]:
    """Summarize methods (M) over scenes (S).

    Args:
        scores: (M, S), NaN where a method has no score for a scene.
        better: Which way is better, for the wins.

    Returns:
        A summary a method, None for one without any score.
    """
    wins = _wins(scores, better)
    summaries: list[Summary | None] = []
    for row, won in zip(scores, wins, strict=True):
        known = row[~np.isnan(row)]
        if len(known) == 0:
            summaries.append(None)
            continue
        low, high = bootstrap_interval(known)
        count = None if better == "neither" else int(won)
        summaries.append(Summary(len(known), float(known.mean()), low, high, float(known.min()), count))
    return summaries


def compare(first: np.ndarray, second: np.ndarray) -> Comparison | None:
    """Compare two methods scene by scene.

    The p-value is the share of random sign changes of the differences whose mean is at least as far from
    zero: it assumes nothing but that, without a difference, either sign is equally likely.

    Args:
        first: (S,), NaN where there is no score.
        second: (S,), likewise.

    Returns:
        None when no scene has both.
    """
    difference = (first - second)[~np.isnan(first - second)]
    count = len(difference)
    if count == 0:
        return None
    mean = float(difference.mean())
    flipped = np.abs(_signs(count) @ difference) / count
    p = (1 + int((flipped >= abs(mean) * (1 - 1e-9)).sum())) / (1 + RESAMPLES)
    low, high = bootstrap_interval(difference)
    above, below = int((difference > 0).sum()), int((difference < 0).sum())
    return Comparison(count, mean, low, high, above, below, p)


def bootstrap_interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of values (S,), the same at every call."""
    means = _shares(len(values)) @ values
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _wins(scores: np.ndarray, better: Better) -> np.ndarray:
    """On how many scenes each method is the best, ties counted for all of them."""
    turned = np.where(np.isnan(scores), -np.inf, worth(scores, better))
    best = (turned == turned.max(axis=0, initial=-np.inf)) & np.isfinite(turned)
    return np.asarray(best.sum(axis=1))


def worth(scores: np.ndarray, better: Better) -> np.ndarray:
    """The scores turned so that higher is better."""
    if better in TARGETS:
        return -np.abs(scores - TARGETS[better])
    return -scores if better == "lower" else scores


@cache
def _shares(count: int) -> np.ndarray:
    """How often each of `count` scenes is drawn in each resample, as shares, (RESAMPLES, count)."""
    drawn = np.random.default_rng(count).multinomial(count, [1 / count] * count, size=RESAMPLES)
    return np.asarray(drawn / count)


@cache
def _signs(count: int) -> np.ndarray:
    """Random signs, (RESAMPLES, count)."""
    return np.random.default_rng(count).choice([-1.0, 1.0], size=(RESAMPLES, count))
