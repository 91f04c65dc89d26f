import math

import pytest

from hdr_lightning.tables.table import Number, mark_best, scenes_table


def test_best_is_what_looks_best() -> None:
    cells = mark_best([Number(0.99204), Number(0.99196), Number(0.9), ""])
    assert [isinstance(cell, Number) and cell.best for cell in cells] == [True, True, False, False]
    assert not mark_best([Number(0.5), ""])[0].best
    diverged, low, high = mark_best([Number(math.nan), Number(0.5), Number(0.6)])
    assert (diverged.best, low.best, high.best) == (False, False, True)
    near_zero = mark_best([Number(-0.2), Number(0.1), "none"], worth=lambda mean: -abs(mean))
    assert near_zero == [Number(-0.2), Number(0.1, best=True), "none"]


def test_scenes_are_averaged_where_every_column_has_them() -> None:
    table = scenes_table(
        {"var": [{"a": 0.5, "b": 0.7}, {"a": 0.7, "b": 0.7}], "grad": [{"a": 0.5, "c": 1.0}]}
    )
    assert table.header == ["scene", "var", "grad"]
    assert [row[0] for row in table.rows] == ["a", "b", "c", "Average of the 1 that all have"]
    a, b, _, average = table.rows
    assert (a[1].mean, a[1].best, a[2].mean, a[2].best) == (pytest.approx(0.6), True, 0.5, False)
    assert b[2] == ""
    assert (average[1].mean, average[2].mean) == (pytest.approx(0.6), 0.5)
