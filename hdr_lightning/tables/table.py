"""Cells in rows under a header: means with their spread, the best of each marked."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import NamedTuple


class Number(NamedTuple):
    """A mean, with the standard deviation over seeds where there are several."""

    mean: float
    std: float | None = None
    best: bool = False
    digits: int = 4


Cell = Number | str
Scores = dict[str, float]
"""By scene."""


class Table(NamedTuple):
    """Cells in rows under their header; an empty text is a number that is missing."""

    header: list[str]
    rows: list[list[Cell]]
    total: bool = False  # the last row sums up those above


def table_of(columns: Mapping[str, Sequence[Cell]]) -> Table:
    """A table of columns by their names."""
    return Table(list(columns), [list(row) for row in zip(*columns.values(), strict=True)])


def scenes_table(columns: Mapping[str, Sequence[Scores]]) -> Table:
    """The form of the paper's table 2: a scene a row, the average below, the best of each row marked.

    Args:
        columns: For each name of a column the scores by scene of its runs, one for each seed. The average is
            over the scenes that every column has, so that columns can be compared.
    """
    scenes = dict.fromkeys(scene for runs in columns.values() for scores in runs for scene in scores)
    rows = [[scene, *mark_best([_of_scene(runs, scene) for runs in columns.values()])] for scene in scenes]
    common = [scene for scene, *cells in rows if "" not in cells]
    if common:
        averages = [
            mean_of(mean(scores[str(s)] for s in common) for scores in runs if scores.keys() >= set(common))
            for runs in columns.values()
        ]
        rows.append([_average(len(common), len(scenes)), *mark_best(averages)])
    return Table(["scene", *columns], rows, total=bool(common))


def mean_of(values: Iterable[float | None]) -> Cell:
    """The mean of the values that are known, with their standard deviation where there are several."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return ""
    return Number(mean(known), stdev(known) if len(known) > 1 else None)


def without_spread(cell: Cell, digits: int = 4) -> Cell:
    """The same mean without its standard deviation."""
    return cell if isinstance(cell, str) else Number(cell.mean, digits=digits)


def mark_best(cells: Sequence[Cell], worth: Callable[[float], float] = float) -> list[Cell]:
    """The same cells, those marked that look best; a lone number is not the best of anything.

    Args:
        cells: Numbers and texts.
        worth: Of a mean; the highest is the best.
    """
    numbers = [cell for cell in cells if isinstance(cell, Number)]
    shown = [worth(round(cell.mean, cell.digits)) for cell in numbers if math.isfinite(cell.mean)]
    if len(shown) < 2:
        return list(cells)
    return [
        cell._replace(best=worth(round(cell.mean, cell.digits)) == max(shown))
        if isinstance(cell, Number)
        else cell
        for cell in cells
    ]


def _of_scene(runs: Sequence[Scores], scene: str) -> Cell:
    return mean_of(scores.get(scene) for scores in runs)


def _average(common: int, all_scenes: int) -> str:
    return "Average" if common == all_scenes else f"Average of the {common} that all have"
