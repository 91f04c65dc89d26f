from pathlib import Path

from hdr_lightning.brackets.grouping import find_runs
from hdr_lightning.brackets.shots import Shot


def shots(*stops: float, pause: float = 1.0) -> list[Shot]:
    """Shots of one camera, a second apart, with a pause after every third."""
    taken = [place + (place // 3) * pause for place in range(len(stops))]
    return [
        Shot(Path(f"{place}.jpg"), stop, seconds, 0.01, "camera")
        for place, (stop, seconds) in enumerate(zip(stops, taken, strict=True))
    ]


def lengths(found: list[tuple[Shot, ...]]) -> list[int]:
    return [len(run) for run in found]


def test_recurring_pattern_is_cut_and_every_shot_comes_once() -> None:
    card = shots(*(0.0, -2.0, 2.0) * 5, pause=60)
    runs = find_runs(card)
    assert lengths(runs) == [3] * 5
    assert [shot for run in runs for shot in run] == card


def test_same_exposure_again_begins_another_bracket() -> None:
    assert lengths(find_runs(shots(-1.0, 0.0, 1.0, -1.0, 0.0, 1.0))) == [3, 3]


def test_one_camera_is_one_bracket() -> None:
    pair = shots(-2.0, 2.0)
    other = [Shot(Path("x.jpg"), -2.0, 0.0, 0.01, "another"), *pair[1:]]
    assert lengths(find_runs(pair)) == [2]
    assert lengths(find_runs([*shots(0.0, -2.0, 2.0, pause=0) * 2, *other]))[-2:] == [1, 1]
    assert find_runs([]) == []
