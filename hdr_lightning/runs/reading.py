"""Runs as their folders tell of them: finished, failed, interrupted or still going."""

import csv
import json
import math
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.runs.folder import CONFIG, HISTORY, INSIDE, RECORD, SCORES, VAL_SCORES
from hdr_lightning.runs.lock import is_locked
from hdr_lightning.scenes.scene import natural_key

SCORE = "val/mef_ssim"
"""The column of a history by which a run is judged."""
STATES = ("finished", "running", "interrupted", "failed")
Setting = str | int | float | bool | None
Part = TypeVar("Part")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Run(NamedTuple):
    """One training run."""

    name: str  # its folder, relative to what was asked for
    folder: Path
    state: str  # one of STATES
    record: dict[str, Any]  # run.yaml: reason, parameters, commit, ...
    settings: dict[str, Setting]  # config.yaml with dotted keys
    choices: dict[str, str]  # what was chosen in each configuration group
    history: list[dict[str, float]]  # an epoch a row
    scores: dict[str, dict[str, float]]  # MEF-SSIM by method and test scene
    validation: dict[str, float]  # MEF-SSIM by scene of the last validation
    seen: float  # when it last wrote something, seconds since 1970

    @property
    def curve(self) -> list[float]:
        """Validation MEF-SSIM after each epoch that has one."""
        return [row[SCORE] for row in self.history if SCORE in row]

    @property
    def seconds(self) -> float | None:
        """Time spent training, over all its starts."""
        return self.history[-1]["seconds"] if self.history else None


def find_runs(paths: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """Read the runs in some folders, each a run or anything that holds runs.

    Returns:
        The runs in natural order of their names, and a line for each one that cannot be read.

    Raises:
        InputError: A folder does not exist, or there is no run.
    """
    folders = list(dict.fromkeys(folder for path in paths for folder in _folders(path)))
    if not folders:
        raise InputError(f"Expected runs, folders with a {RECORD}, in {', '.join(map(str, paths))}. Got none")
    common = Path(os.path.commonpath([path.resolve() for path in paths]))
    runs, problems = [], []
    for folder in folders:
        relative = folder.relative_to(common)
        name = str(relative) if relative.parts else folder.name
        try:
            runs.append(read_run(folder, name))
        except InputError as error:
            problems.append(f"{name}/{error}")
    if not runs:
        raise InputError("\n  ".join(["Expected runs that can be read. Got:", *problems]))
    return sorted(runs, key=lambda run: natural_key(run.name)), problems


def read_run(folder: Path, name: str) -> Run:
    """Read one run; what it has not written yet is empty.

    Raises:
        InputError: A file holds something else than a run writes.
    """
    record = _part(folder / RECORD, _record)
    settings, choices = _part(folder / CONFIG, _settings)
    written = [folder / file for file in (RECORD, HISTORY, VAL_SCORES)]
    return Run(
        name,
        folder,
        "interrupted" if _was_killed(folder, record) else record["state"],
        record,
        settings,
        choices,
        _part(folder / HISTORY, _history),
        _part(folder / SCORES, _scores),
        _part(folder / VAL_SCORES, lambda file: _by_scene(_csv(file))),
        max(file.stat().st_mtime for file in written if file.is_file()),
    )


def _was_killed(folder: Path, record: dict[str, Any]) -> bool:
    """Whether a run says that it runs, on this machine, and no process does; of others nobody can tell."""
    here = record["state"] == "running" and record.get("host") == platform.node()
    return here and not is_locked(folder)


def flat(settings: Any, prefix: str = "") -> Iterator[tuple[str, Setting]]:
    """Nested settings with dotted keys; a list is one setting."""
    if isinstance(settings, dict):
        for key, value in settings.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(settings, list):
        simple = not any(isinstance(value, dict | list) for value in settings)
        yield prefix, ", ".join(map(str, settings)) if simple else json.dumps(settings, default=str)
    else:
        plain = settings is None or isinstance(settings, str | int | float)
        yield prefix, settings if plain else str(settings)  # YAML has dates too


def _folders(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        raise InputError(f"Expected a run or a folder of runs. Got {path}, which is no folder")
    for folder, inside, files in os.walk(path.resolve()):
        if RECORD in files:
            inside[:] = [name for name in inside if name not in INSIDE]
            yield Path(folder)
        inside[:] = [name for name in inside if not name.startswith(".")]


def _part(file: Path, read: Callable[[Path], Part]) -> Part:
    try:
        return read(file)
    except (OSError, ValueError, KeyError, TypeError, csv.Error, yaml.YAMLError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{file.name}: Expected what a run writes. Got {reason}") from error


def _record(file: Path) -> dict[str, Any]:
    record = _yaml(file)
    if record["state"] not in STATES:
        raise ValueError(f"state {record['state']!r}")
    if not isinstance(record.get("parameters"), int | None):
        raise ValueError(f"parameters {record['parameters']!r}")
    return record


def _settings(file: Path) -> tuple[dict[str, Setting], dict[str, str]]:
    config = _yaml(file)
    choices = config.pop("choices", {})
    if not isinstance(choices, dict):
        raise ValueError(f"choices {choices!r}")
    return dict(flat(config)), {str(group): str(name) for group, name in choices.items()}


def _history(file: Path) -> list[dict[str, float]]:
    rows = [_numbers(row) for row in _csv(file)]
    if not all({"epoch", "seconds"} <= row.keys() for row in rows):
        raise ValueError("a row without epoch or seconds")
    return rows


def _scores(file: Path) -> dict[str, dict[str, float]]:
    rows = _csv(file)
    methods = dict.fromkeys(row["method"] for row in rows)
    return {method: _by_scene(row for row in rows if row["method"] == method) for method in methods}


def _by_scene(rows: Iterable[dict[str, str]]) -> dict[str, float]:
    return {row["scene"]: float(row["mef_ssim"]) for row in rows}


def _numbers(row: dict[str, str]) -> dict[str, float]:
    numbers = {name: float(value) for name, value in row.items() if value}
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _yaml(file: Path) -> dict[str, Any]:
    values = yaml.load(file.read_text(encoding="utf-8"), _LOADER) if file.is_file() else {}
    if not isinstance(values, dict):
        raise TypeError(f"{type(values).__name__} where keys and values should be")
    return values


def _csv(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
