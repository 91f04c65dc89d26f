"""Where a camera's own notes end one series of exposures and begin the next.

An offset that comes again begins another series, and so does a number that is lower than the last. Notes that
contradict the exposures are dropped, and nothing but the exposures counts then: cameras that note the same
offset for every shot, or measured the light anew for each, and numbers that go on through several brackets.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hdr_lightning.brackets.shots import Shot

ANOTHER = 0.2
"""Stops from which a recorded exposure is another one."""
_AGREE = 0.5
"""Stops by which the exposures of a series differ at most from its offsets."""


def sound(shots: Sequence[Shot]) -> list[Shot]:
    """Photographs in order, without the notes that contradict their exposures."""
    series: list[list[Shot]] = []
    for shot in _with_other_offsets(shots):
        if series and _goes_on(series[-1], shot):
            series[-1].append(shot)
        else:
            series.append([shot])
    return [shot for shots in series for shot in _checked(shots)]


def is_series(run: Sequence[Shot]) -> bool:
    """Whether the notes allow a run to be one series; they do where there are none."""
    return all(_goes_on(run[:place], run[place]) for place in range(1, len(run)))


def is_noted(run: Sequence[Shot]) -> bool:
    """Whether every shot of a series is known by its offset, or all follow each other by number."""
    numbers = [shot.number for shot in run]
    follow = all(
        one is not None and other is not None and other == one + 1 for one, other in pairwise(numbers)
    )
    return follow or all(shot.offset is not None for shot in run)


def _goes_on(series: Sequence[Shot], shot: Shot) -> bool:
    last, number = series[-1].number, shot.number
    if last is not None and number is not None and number < last:
        return False
    return shot.offset is None or all(shot.offset != earlier.offset for earlier in series)


def _with_other_offsets(shots: Sequence[Shot]) -> list[Shot]:
    """Without offsets that neighbours of different exposures share."""
    kept = list(shots)
    for place, (one, other) in enumerate(pairwise(shots)):
        if one.offset is not None and one.offset == other.offset and _differ(one, other):
            kept[place] = replace(kept[place], offset=None)
            kept[place + 1] = replace(kept[place + 1], offset=None)
    return kept


def _differ(one: Shot, other: Shot) -> bool:
    return one.stops is not None and other.stops is not None and abs(one.stops - other.stops) >= ANOTHER


def _checked(series: list[Shot]) -> list[Shot]:
    """Without offsets that the exposures do not have, and without numbers that count equal exposures."""
    bases = [s.stops - s.offset for s in series if s.stops is not None and s.offset is not None]
    if bases and max(bases) - min(bases) > _AGREE:
        series = [replace(shot, offset=None) for shot in series]
    levels = sorted(shot.stops for shot in series if shot.stops is not None)
    if any(higher - lower < ANOTHER for lower, higher in pairwise(levels)):
        series = [replace(shot, number=None) for shot in series]
    return series
