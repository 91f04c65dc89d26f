from collections import Counter

import numpy as np
import pytest

from hdr_lightning.data.chance import EXTREMES, WHOLE, cycle, grid, part_of, shares
from hdr_lightning.data.specs import SceneSize


def test_grid_reaches_the_last_row_and_column() -> None:
    places = grid([SceneSize(2, 25, 10), SceneSize(2, 10, 5)], [0, 1], patch_size=10, stride=8)
    assert places.tolist() == [[0, 0, 0], [0, 8, 0], [0, 15, 0], [1, 0, 0]]


@pytest.mark.parametrize("wanted", [None, 3, 7, 100])
def test_shares_are_in_proportion_and_add_up(wanted: int | None) -> None:
    found = shares([10, 30, 60], wanted)
    total = wanted or 100
    assert sum(found) == total
    assert all(abs(share - total * part) <= 1 for share, part in zip(found, (0.1, 0.3, 0.6), strict=True))


def test_nobody_has_a_second_turn_before_all_had_one() -> None:
    drawn = cycle(np.random.default_rng(0), 5, 13)
    assert Counter(Counter(drawn.tolist()).values()) == {3: 3, 2: 2}
    assert sorted(drawn[:5]) == sorted(drawn[5:10]) == list(range(5))
    assert len(cycle(np.random.default_rng(0), 5, 0)) == 0


def test_parts_of_a_bracket_are_as_likely_as_they_should_be() -> None:
    random = np.random.default_rng(0)
    drawn = [part_of(random, 5) for _ in range(4000)]
    assert all(len(part) >= 2 and part == sorted(set(part)) for part in drawn)
    # any part is 2 to 5 of 5 with the same chance: of 2 a tenth are the extremes
    rest = (1 - EXTREMES - WHOLE) / 4
    assert sum(part == [0, 4] for part in drawn) / 4000 == pytest.approx(EXTREMES + rest / 10, abs=0.02)
    assert sum(len(part) == 5 for part in drawn) / 4000 == pytest.approx(WHOLE + rest, abs=0.02)
