from collections.abc import Sequence
from pathlib import Path

from hdr_lightning.brackets.grouping import find_runs
from hdr_lightning.brackets.series import is_noted, is_series, sound
from hdr_lightning.brackets.shots import Shot


def shots(
    stops: Sequence[float],
    offsets: Sequence[float | None] | None = None,
    numbers: Sequence[int | None] | None = None,
) -> list[Shot]:
    none = [None] * len(stops)
    told = zip(stops, offsets or none, numbers or none, strict=True)
    return [
        Shot(Path(f"{place}.jpg"), level, None, 0.01, "camera", True, offset, number)
        for place, (level, offset, number) in enumerate(told)
    ]


def lengths(run: list[Shot]) -> list[int]:
    return [len(found) for found in find_runs(run)]


def test_offset_that_comes_again_and_number_that_begins_again_end_a_series() -> None:
    stops = (0.0, -2.0, 2.0, 1.0, -1.0)  # even steps: one bracket of five, as far as exposures tell
    assert lengths(shots(stops)) == [5]
    assert lengths(shots(stops, offsets=(0, -2, 2, 0, -2))) == [3, 2]
    assert lengths(shots(stops, numbers=(1, 2, 3, 1, 2))) == [3, 2]
    assert lengths(shots(stops, numbers=(1, 2, 3, 4, 5))) == [5]


def test_notes_that_contradict_exposures_change_nothing() -> None:
    stops = (0.0, -2.0, 2.0, 0.0, -2.0, 2.0)
    for offsets in ((0,) * 6, (2, 0, -2, 2, 0, -2), (0, -1, 1, 3, -3, 4)):
        assert all(shot.offset is None for shot in sound(shots(stops, offsets=offsets)))
        assert lengths(shots(stops, offsets=offsets)) == [3, 3]
    for numbers in ((1, 2, 3, 4, 5, 6), (1,) * 6):
        assert lengths(shots(stops, numbers=numbers)) == [3, 3]


def test_uneven_steps_are_a_series_where_it_is_noted() -> None:
    stops = (0.0, -2.0, 1.1) * 2
    assert lengths(shots(stops)) == [2, 2, 2]
    assert lengths(shots(stops, offsets=stops)) == lengths(shots(stops, numbers=(1, 2, 3) * 2)) == [3, 3]
    assert is_noted(shots((0, 1, 3), numbers=(2, 3, 4))) and not is_noted(shots((0, 1, 3), numbers=(2, 3, 5)))


def test_a_missing_shot_does_not_end_a_series() -> None:
    assert is_series(shots((0, 1, 2), offsets=(0, None, 2), numbers=(1, None, 3)))
    assert not is_series(shots((0, 1, 2), offsets=(0, None, 0)))
