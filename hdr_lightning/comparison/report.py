"""The page that compares runs, and the tables of it as text."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from hdr_lightning.comparison.pictures import choose, embed, find_pictures
from hdr_lightning.comparison.settings import SettingOf, group_runs, once_each, varying
from hdr_lightning.comparison.tables import TRAINED, on_test_scenes, on_validation_scenes, runs_table
from hdr_lightning.errors import InputError
from hdr_lightning.files import write_bytes
from hdr_lightning.pages.page import page
from hdr_lightning.runs.reading import SCORE, Run, find_runs
from hdr_lightning.tables.table import Table, scenes_table
from hdr_lightning.tables.text import Form, write

SCRIPTS = (
    "table",
    "viewer",
    "plot",
    *(f"comparison/{part}" for part in ("state", "tables", "pictures", "page")),
)
MOST_POINTS, FEWEST_POINTS, POINTS = 400, 40, 200_000
"""Of a curve, and of all curves of a page together."""
BESIDE = ("epoch", "step", "seconds")
"""Columns of a history that are no curves."""


class Left(NamedTuple):
    """A line for each run that is left out; the others are compared all the same."""

    unreadable: list[str]
    repeated: list[str]  # of the settings and the seed of another one


def compare_runs(paths: Sequence[Path], output: Path) -> Left:
    """Write the page that compares the runs in some folders.

    Returns:
        The runs that are left out.

    Raises:
        InputError: There is no run, or the page cannot be written.
    """
    runs, left, keys, settings = _read(paths)
    files = find_pictures(runs)
    chosen = choose(files, runs)
    data = {
        "keys": keys,
        "settings": [{"label": each.label, "values": each.values} for each in settings],
        "runs": [_facts(run, _place(settings, index)) for index, run in enumerate(runs)],
        "table": _plain(runs_table(runs, settings, keys)),
        "scenes": {
            "test scenes": _plain(scenes_table(on_test_scenes(runs, settings))),
            "validation scenes, last epoch": _plain(scenes_table(on_validation_scenes(runs, settings))),
        },
        "curves": _curves(runs),
        "differences": _differences(runs),
        "pictures": embed(chosen),
        "left_out": len(files) - len(chosen),
        "problems": [*left.unreadable, *left.repeated],
    }
    text = page(_title(paths, len(runs)), SCRIPTS, data)
    write_bytes(output, text.encode(errors="replace"))  # names of folders may hold any bytes
    return left


def table_as_text(paths: Sequence[Path], kind: Literal["runs", "scenes"], form: Form) -> tuple[str, Left]:
    """One of the tables of the page, and the runs that are left out.

    Raises:
        InputError: There is no run, or none has scores for this table.
    """
    runs, left, keys, settings = _read(paths)
    if kind == "runs":
        return write(runs_table(runs, settings, keys), form), left
    columns = on_test_scenes(runs, settings)
    if not columns:
        raise InputError("--table scenes: Expected runs that were tested (scores.csv). Got none so far")
    return write(scenes_table(columns), form), left


def _read(paths: Sequence[Path]) -> tuple[list[Run], Left, list[str], list[SettingOf]]:
    found, unreadable = find_runs(paths)
    runs, repeated = once_each(found)
    keys = varying(runs)
    return runs, Left(unreadable, repeated), keys, group_runs(runs, keys)


def _title(paths: Sequence[Path], count: int) -> str:
    runs = "1 run" if count == 1 else f"{count} runs"
    return f"{paths[0].resolve().name}: {runs}" if len(paths) == 1 else f"{runs} compared"


def _place(settings: Sequence[SettingOf], run: int) -> int:
    return next(place for place, each in enumerate(settings) if run in each.runs)


def _facts(run: Run, setting: int) -> dict[str, Any]:
    scores = run.scores.get(TRAINED, {}).values()
    return {
        "name": run.name,
        "setting": setting,
        "seed": run.settings.get("seed"),
        "state": run.state,
        "reason": run.record.get("reason"),
        "silent": round(time.time() - run.seen),
        "best": max(run.curve, default=None),
        "final": run.curve[-1] if run.curve else None,
        "test": sum(scores) / len(scores) if scores else None,
        "epochs": len(run.history),
        "seconds": run.seconds,
        "parameters": run.record.get("parameters"),
        "commit": run.record.get("commit"),
    }


def _curves(runs: Sequence[Run]) -> dict[str, list[list[list[float]]]]:
    """For each column of the histories and each run its points: epoch, seconds and value."""
    written = dict.fromkeys(name for run in runs for row in run.history for name in row)
    order = [name for name in (SCORE, "train/loss") if name in written]  # what is asked for most
    names = list(dict.fromkeys([*order, *(name for name in written if name not in BESIDE)]))
    most = max(FEWEST_POINTS, min(MOST_POINTS, POINTS // max(1, len(runs) * len(names))))
    return {name: [_thin(_points(run, name), most) for run in runs] for name in names}


def _points(run: Run, name: str) -> list[list[float]]:
    return [[row["epoch"] + 1, row["seconds"], row[name]] for row in run.history if name in row]


def _thin(points: list[list[float]], most: int) -> list[list[float]]:
    """At most so many points, evenly, with the first and the last."""
    if len(points) <= most:
        return points
    return [points[round(k * (len(points) - 1) / (most - 1))] for k in range(most)]


def _differences(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Every key that is not the same in all runs, with its values; nothing is set aside here."""
    every = [{**run.settings, **run.choices} for run in runs]
    keys = sorted({key for settings in every for key in settings})
    values = {key: [settings.get(key) for settings in every] for key in keys}
    return {key: found for key, found in values.items() if len(set(map(repr, found))) > 1}


def _plain(table: Table) -> dict[str, Any]:
    """Numbers as `{"mean": ..., "std": ..., "best": ..., "digits": ...}`."""
    rows = [[cell if isinstance(cell, str) else cell._asdict() for cell in row] for row in table.rows]
    return {"header": table.header, "rows": rows, "total": table.total}
