"""The tables of an evaluation: its methods with their means, and MEF-SSIM by scene."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hdr_lightning.evaluation.ranking import worth
from hdr_lightning.evaluation.results import Published, Results, Values, write_text
from hdr_lightning.metrics.registry import METRICS, Better
from hdr_lightning.tables.table import (
    Cell,
    Number,
    Table,
    mark_best,
    mean_of,
    scenes_table,
    table_of,
    without_spread,
)
from hdr_lightning.tables.text import ENDINGS, Form, write

RANKS = "mef_ssim"
"""The score by which methods are ordered, and the one that others publish."""


def methods_table(results: Results, published: Published, scores: Sequence[str] = tuple(METRICS)) -> Table:
    """A method a row, the highest MEF-SSIM first: means over its scenes, the best of each score marked.

    Methods that have fewer scenes than others come last, and theirs are not the best of anything: means over
    other scenes cannot be compared.

    Args:
        results: Values by method and scene.
        published: MEF-SSIM by method and scene, of others.
        scores: Keys of `METRICS`, in the order of the columns; one that no method has is left out.
    """
    rows = _rows(results, published)
    most = max(map(len, rows.values()), default=0)
    methods = dict(sorted(rows.items(), key=lambda method: (len(method[1]) < most, _rank(method))))
    whole = sum(len(rows) == most for rows in methods.values())
    columns: dict[str, Sequence[Cell]] = {
        "method": list(methods),
        "scenes": [Number(len(rows), digits=0) for rows in methods.values()],
    }
    for name in scores:
        cells = [_mean(rows, name) for rows in methods.values()]
        if any(cells):
            columns[_short(name)] = [*_marked(cells[:whole], METRICS[name].better), *cells[whole:]]
    columns["seconds"] = [_mean(rows, "seconds", digits=2) for rows in methods.values()]
    return table_of(columns)


def by_scene(results: Results, published: Published) -> Table:
    """MEF-SSIM of every scene, a column for each method."""
    rows = {scene: None for _, scene in results}
    columns = {
        method: {scene: score for scene, score in scores.items() if scene in rows}
        for method, scores in _scores(results, published).items()
    }
    return scenes_table({method: [scores] for method, scores in columns.items()})


def write_tables(folder: Path, results: Results, published: Published, forms: Sequence[Form]) -> list[Path]:
    """Write both tables in each of the forms, as `methods.*` and `scenes.*`.

    Returns:
        The files.

    Raises:
        InputError: The folder cannot be written.
    """
    tables = {"methods": methods_table(results, published), "scenes": by_scene(results, published)}
    files = []
    for form in forms:
        for name, table in tables.items():
            files.append(folder / f"{name}.{ENDINGS[form]}")
            write_text(files[-1], write(table, form))
    return files


def _rows(results: Results, published: Published) -> dict[str, list[Values]]:
    """The values of each method, a scene each."""
    rows: dict[str, list[Values]] = {}
    for (method, _), values in results.items():
        rows.setdefault(method, []).append(values)
    for method, scores in published.items():
        rows[_of_others(method)] = [{RANKS: score} for score in scores.values()]
    return rows


def _scores(results: Results, published: Published) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    for (method, scene), values in results.items():
        if (score := values[RANKS]) is not None:
            scores.setdefault(method, {})[scene] = score
    return scores | {_of_others(method): found for method, found in published.items()}


def _of_others(method: str) -> str:
    return f"{method} (published)"


def _rank(method: tuple[str, list[Values]]) -> float:
    score = _mean(method[1], RANKS)
    return -score.mean if isinstance(score, Number) else 0.0


def _mean(rows: Sequence[Values], column: str, digits: int = 4) -> Cell:
    return without_spread(mean_of(values.get(column) for values in rows), digits)


def _marked(cells: Sequence[Cell], better: Better) -> list[Cell]:
    if better == "neither":
        return list(cells)
    return mark_best(cells, lambda mean: float(worth(np.array(mean), better)))


def _short(score: str) -> str:
    """The label without its source."""
    return METRICS[score].label.partition(" (")[0]
