"""Tables to publish: settings with what came of them, and scenes in the form of the paper's table 2."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from hdr_lightning.comparison.settings import SettingOf
from hdr_lightning.runs.reading import Run, Setting

BASELINE, TRAINED = "average", "trained"
"""Methods in the scores of a run: the plain average of the exposures, and the trained network."""


class Number(NamedTuple):
    """A mean over seeds, with their standard deviation where there are several."""

    mean: float
    std: float | None = None
    best: bool = False
    digits: int = 4


Cell = Number | str


class Table(NamedTuple):
    """Cells in rows under their header; an empty text is a number that is missing."""

    header: list[str]
    rows: list[list[Cell]]
    total: bool = False  # the last row sums up those above


Scores = dict[str, float]


def runs_table(runs: Sequence[Run], settings: Sequence[SettingOf], keys: Sequence[str]) -> Table:
    """What varies, and MEF-SSIM and cost over the seeds that finished; the best is marked.

    A setting of which no run has finished shows how far its runs got, and no final score.
    """
    columns: dict[str, list[Cell]] = {key: [_text(each.values[key]) for each in settings] for key in keys}
    if not keys:
        columns["run"] = [each.label for each in settings]
    columns["runs"] = [Number(len(each.runs), digits=0) for each in settings]
    finished = [[run for run in _runs_of(each, runs) if run.state == "finished"] for each in settings]
    if any(len(done) < len(each.runs) for done, each in zip(finished, settings, strict=True)):
        columns["finished"] = [Number(len(done), digits=0) for done in finished]
    members = [done or _runs_of(each, runs) for done, each in zip(finished, settings, strict=True)]
    columns["best val MEF-SSIM"] = mark_best(
        [_over(max(run.curve, default=None) for run in group) for group in members]
    )
    columns["final val MEF-SSIM"] = mark_best(
        [_over(run.curve[-1] if run.curve else None for run in done) for done in finished]
    )
    columns["test MEF-SSIM"] = mark_best(
        [_over(_mean(run.scores.get(TRAINED, {})) for run in group) for group in members]
    )
    columns["minutes"] = [_typical((_minutes(run) for run in group), 1) for group in members]
    parameters = ([run.record.get("parameters") for run in group] for group in members)
    columns["parameters"] = [_typical(found, 0) for found in parameters]
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
            _over(mean(scores[str(s)] for s in common) for scores in runs if scores.keys() >= set(common))
            for runs in columns.values()
        ]
        rows.append([_average(len(common), len(scenes)), *mark_best(averages)])
    return Table(["scene", *columns], rows, total=bool(common))


def on_test_scenes(runs: Sequence[Run], settings: Sequence[SettingOf]) -> dict[str, list[Scores]]:
    """Scores of the test scenes by setting, after those of the plain average."""
    columns = {
        each.label: [run.scores[TRAINED] for run in _runs_of(each, runs) if TRAINED in run.scores]
        for each in settings
    }
    plain = [run.scores[BASELINE] for run in runs if BASELINE in run.scores][:1]
    return {name: found for name, found in {"plain average": plain, **columns}.items() if found}


def on_validation_scenes(runs: Sequence[Run], settings: Sequence[SettingOf]) -> dict[str, list[Scores]]:
    """Scores of the validation scenes by setting, of the last validation of each run."""
    columns = {
        each.label: [run.validation for run in _runs_of(each, runs) if run.validation] for each in settings
    }
    return {name: found for name, found in columns.items() if found}


def mark_best(cells: Sequence[Cell]) -> list[Cell]:
    """The same cells, those marked that look highest; a lone number is not the best of anything."""
    numbers = [cell for cell in cells if isinstance(cell, Number)]
    shown = [round(cell.mean, cell.digits) for cell in numbers if math.isfinite(cell.mean)]
    if len(shown) < 2:
        return list(cells)
    return [
        cell._replace(best=round(cell.mean, cell.digits) == max(shown)) if isinstance(cell, Number) else cell
        for cell in cells
    ]


def _runs_of(setting: SettingOf, runs: Sequence[Run]) -> list[Run]:
    return [runs[index] for index in setting.runs]


def _over(values: Iterable[float | None]) -> Cell:
    known = [float(value) for value in values if value is not None]
    if not known:
        return ""
    return Number(mean(known), stdev(known) if len(known) > 1 else None)


def _typical(values: Iterable[float | None], digits: int) -> Cell:
    """A mean whose spread nobody asks for."""
    cell = _over(values)
    return cell if isinstance(cell, str) else Number(cell.mean, digits=digits)


def _of_scene(runs: Sequence[Scores], scene: str) -> Cell:
    return _over(scores.get(scene) for scores in runs)


def _mean(scores: Scores) -> float | None:
    return mean(scores.values()) if scores else None


def _minutes(run: Run) -> float | None:
    return None if run.seconds is None else run.seconds / 60


def _average(common: int, all_scenes: int) -> str:
    return "Average" if common == all_scenes else f"Average of the {common} that all have"


def _text(value: Setting) -> str:
    return "none" if value is None else str(value)
