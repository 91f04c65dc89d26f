"""Brackets found among the photographs of a card.

The order is that of the file names, which no camera breaks, while clocks are wrong and times say little of
long exposures. A run of photographs can be a bracket where size and camera agree, every exposure is another
and the camera noted no other series. Of all ways to cut the card into such runs, the best joins most
photographs, neighbours in exposure showing one scene, without gaps in time, evenly spaced, and in the
patterns that recur.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from hdr_lightning.brackets.likeness import Likeness, likeness
from hdr_lightning.brackets.series import ANOTHER, is_noted, is_series, sound
from hdr_lightning.brackets.shots import Shot

MOST = 16
"""Exposures that a bracket has at most."""
ANOTHER_WITHOUT_EXIF = 0.03
"""Stops from which an exposure is another one by the mean light of the pixels: white ones hide a part."""
_UNEVEN, _UNUSUAL_PAIR, _UNSURE, _UNSURE_WITHOUT_EXIF, _GAP, _DIFFERENT = 1.1, 0.6, 0.3, 0.8, 0.8, 1.5
"""What speaks against a run: uneven steps, a pair of no usual pattern, each neighbours that cannot be
compared, each gap in time at most, each neighbours that seem to show different scenes."""
_PATTERN = 0.6
"""What speaks for the pattern that all recurring runs have."""
_FEWEST_FOR_PATTERN, _WRONG_CLOCK, _EVEN = 3, 0.3, 0.2

Run = tuple[Shot, ...]


def find_runs(shots: Sequence[Shot]) -> list[Run]:
    """Cut photographs into brackets and single ones.

    Args:
        shots: In the order of their names.

    Returns:
        Every photograph once, in order; a run of one is a single photograph. Few photographs that may be one
        bracket, or among which there is none, are one run.
    """
    if not shots:
        return []
    ordered = sound(_rotated(shots))
    whole = tuple(ordered)
    runs = _best_cut(ordered)
    if len(whole) > MOST or _recur(runs):
        return runs
    # few files in a folder of their own were put there by somebody
    return [whole] if fits(whole) or len(runs) == len(whole) else runs


def _best_cut(shots: Sequence[Shot]) -> list[Run]:
    """The cut of the highest total, by dynamic programming."""
    gaps = _gaps(shots)
    patterns = _patterns(shots)
    best: list[tuple[float, int]] = [(0.0, 0)]  # of the first so many: total, and where the last run begins
    for end in range(1, len(shots) + 1):
        found = (best[end - 1][0], end - 1)
        for begin in range(end - 2, max(end - MOST, 0) - 1, -1):
            run = tuple(shots[begin:end])
            if not _can_belong(run):
                break
            value = _value(run, gaps[begin : end - 1], patterns)
            found = max(found, (best[begin][0] + value, begin))
        best.append(found)
    runs, end = [], len(shots)
    while end:
        begin = best[end][1]
        runs.append(tuple(shots[begin:end]))
        end = begin
    return runs[::-1]


def _value(run: Run, gaps: Sequence[float], patterns: Counter[tuple[int, ...]]) -> float:
    """What a run is worth, in photographs joined."""
    pattern = _pattern(run)
    usual = patterns[pattern] / patterns.total() if pattern in patterns else 0.0
    pairs = [_alike(one, other) for one, other in pairwise(_by_light(run))]
    recorded = _is_recorded(run)
    against = sum(gaps) + (_UNSURE if recorded else _UNSURE_WITHOUT_EXIF) * sum(pair.doubt for pair in pairs)
    against += _DIFFERENT * sum(pair.different for pair in pairs)
    if recorded and not _is_even(run) and not is_noted(run):
        against += _UNEVEN
    if len(run) == 2 and not usual and not run[0].bracketing:
        against += _UNUSUAL_PAIR
    return len(run) - 1 - against + _PATTERN * usual


def fits(run: Run) -> bool:
    """Whether photographs may be one bracket, of whose neighbours in exposure none show different scenes."""
    return _can_belong(run) and not any(
        _alike(one, other).different for one, other in pairwise(_by_light(run))
    )


def _can_belong(run: Run) -> bool:
    """Whether cameras, modes and exposures allow a run to be one bracket."""
    first = run[0]
    if any(shot.camera and first.camera and shot.camera != first.camera for shot in run):
        return False
    if len({shot.bracketing for shot in run} - {None}) > 1 or not is_series(run):
        return False
    levels = sorted(_levels(run))
    least = ANOTHER if _is_recorded(run) else ANOTHER_WITHOUT_EXIF
    return all(higher - lower >= least for lower, higher in pairwise(levels))


def _is_recorded(run: Run) -> bool:
    """Whether every file records its exposure."""
    return all(shot.stops is not None for shot in run)


def _levels(run: Sequence[Shot]) -> list[float]:
    """Exposures in stops: as recorded, or where one is not, as the pixels of all show; else all unlike."""
    recorded = [shot.stops for shot in run]
    if all(stops is not None for stops in recorded):
        return [stops for stops in recorded if stops is not None]
    shown = [shot.detail for shot in run]
    if all(found is not None for found in shown):
        return [found.brightness for found in shown if found is not None]
    return [float(place) for place in range(len(run))]


def _by_light(run: Run) -> Run:
    levels = _levels(run)
    return tuple(run[place] for place in sorted(range(len(run)), key=lambda place: levels[place]))


@lru_cache(maxsize=4096)
def _alike(one: Shot, other: Shot) -> Likeness:
    mine, others = one.detail, other.detail
    return likeness(mine, others) if mine is not None and others is not None else Likeness(0.0, 0.0)


def _pattern(run: Sequence[Shot]) -> tuple[int, ...]:
    """The exposures against the first, in thirds of a stop."""
    levels = _levels(run)
    return tuple(round(3 * (level - levels[0])) for level in levels)


def _patterns(shots: Sequence[Shot]) -> Counter[tuple[int, ...]]:
    """How many photographs lie in runs of each pattern that recurs, runs of three and more."""
    counts: Counter[tuple[int, ...]] = Counter()
    for length in range(_FEWEST_FOR_PATTERN, min(MOST, len(shots)) + 1):
        places: dict[tuple[int, ...], int] = {}
        for begin in range(len(shots) - length + 1):
            run = tuple(shots[begin : begin + length])
            if any(shot.stops is None for shot in run) or not _can_belong(run) or not _is_even(run):
                continue
            pattern = _pattern(run)
            if begin >= places.get(pattern, 0):
                counts[pattern] += length
                places[pattern] = begin + length
    return Counter({pattern: count for pattern, count in counts.items() if count >= 2 * len(pattern)})


def _is_even(run: Sequence[Shot]) -> bool:
    """Whether the exposures lie on steps of one size, of which a few may be missing."""
    steps = np.diff(sorted(_levels(run)))
    ratios = (steps / steps.min()).round()
    missing, off = ratios.sum() - len(steps), np.abs(steps - ratios * steps.min())
    return bool(off.max() < min(_EVEN, steps.min() / 4) and missing <= max(1, len(run) // 3))


def _gaps(shots: Sequence[Shot]) -> list[float]:
    """How much the time between neighbours speaks against them, 0 to `_GAP`; 0 where the clock is wrong."""
    pauses = [_pause(one, other) for one, other in pairwise(shots)]
    known = [pause for pause in pauses if pause is not None]
    if not known or sum(pause < -1 for pause in known) > _WRONG_CLOCK * len(known):
        return [0.0] * len(pauses)
    return [0.0 if pause is None else _against(pause) for pause in pauses]


def _pause(one: Shot, other: Shot) -> float | None:
    """Seconds between two shots without the exposure and what a camera does about its noise."""
    if one.taken is None or other.taken is None:
        return None
    return other.taken - one.taken - 2 * max(one.duration, other.duration)


def _against(pause: float) -> float:
    """Nothing up to three seconds and, for a jump of the clock, half; most from five minutes on."""
    if pause < -1 or pause > 86400:
        return _GAP / 2
    return _GAP * min(max(math.log(max(pause, 3) / 3) / math.log(100), 0), 1)


def _rotated(shots: Sequence[Shot]) -> Sequence[Shot]:
    """In the order of the clock where the numbers of the files began again, at 9999."""
    times = [shot.taken for shot in shots]
    if len(shots) < 3 or any(time is None for time in times):
        return shots
    drops = [place for place, (one, other) in enumerate(pairwise(times), 1) if (other or 0) < (one or 0)]
    if len(drops) != 1 or (times[0] or 0) < (times[-1] or 0):
        return shots
    return [*shots[drops[0] :], *shots[: drops[0]]]


def _recur(runs: Sequence[Run]) -> bool:
    """Whether there are several runs, all of one pattern of two and more exposures."""
    return len(runs) > 1 and len(runs[0]) > 1 and len({_pattern(run) for run in runs}) == 1
