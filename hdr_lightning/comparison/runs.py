"""Runs as their folders tell of them: finished, failed, interrupted or still going."""

import csv
import json
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import natural_key

SCORE = "val/mef_ssim"
"""The column of a history by which a run is judged."""
INSIDE = frozenset({"wandb", "images", "checkpoints", "csv", "tensorboard"})
"""Folders inside a run, where no other run lies."""
Setting = str | int | float | bool | None
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Run(NamedTuple):
    """One training run."""

    name: str  # its folder, relative to what was asked for
    folder: Path
    record: dict[str, Any]  # run.yaml: state, reason, seconds, ...
    settings: dict[str, Setting]  # config.yaml with dotted keys
    choices: dict[str, str]  # what was chosen in each configuration group
    history: list[dict[str, float]]  # an epoch a row
    scores: dict[str, dict[str, float]]  # MEF-SSIM by method and test scene
    validation: dict[str, float]  # MEF-SSIM by scene of the last validation
    seen: float  # when it last wrote something, seconds since 1970

    @property
    def state(self) -> str:
        """finished, failed, interrupted or running; a killed run says running for ever."""
        return str(self.record.get("state", "unknown"))

    @property
    def curve(self) -> list[float]:
        """Validation MEF-SSIM after each epoch that has one."""
        return [row[SCORE] for row in self.history if SCORE in row]

    @property
    def seconds(self) -> float | None:
        """Time spent training, over all its starts."""
        return self.history[-1].get("seconds") if self.history else None


def find_runs(paths: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """Read the runs in some folders, each a run or anything that holds runs.

    Returns:
        The runs in natural order of their names, and a line for each one that cannot be read.

    Raises:
        InputError: A folder does not exist, or there is no run.
    """
    folders = list(dict.fromkeys(folder for path in paths for folder in _folders(path)))
    if not folders:
        raise InputError(f"Expected runs, folders with a run.yaml, in {', '.join(map(str, paths))}. Got none")
    common = Path(os.path.commonpath([path.resolve() for path in paths]))
    runs, problems = [], []
    for folder in folders:
        relative = folder.relative_to(common)
        name = str(relative) if relative.parts else folder.name
        try:
            runs.append(read_run(folder, name))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
    if not runs:
        raise InputError("\n  ".join(["Expected runs that can be read. Got:", *problems]))
    return sorted(runs, key=lambda run: natural_key(run.name)), problems


def read_run(folder: Path, name: str) -> Run:
    """Read one run; what it has not written yet is empty."""
    config = _yaml(folder / "config.yaml")
    choices = config.pop("choices", {})
    rows = _csv(folder / "scores.csv")
    methods = dict.fromkeys(row["method"] for row in rows)
    files = [folder / file for file in ("run.yaml", "history.csv", "val_scores.csv")]
    return Run(
        name,
        folder,
        _yaml(folder / "run.yaml"),
        dict(flat(config)),
        choices,
        [_numbers(row) for row in _csv(folder / "history.csv")],
        {method: _by_scene(row for row in rows if row["method"] == method) for method in methods},
        _by_scene(_csv(folder / "val_scores.csv")),
        max(file.stat().st_mtime for file in files if file.is_file()),
    )


def flat(settings: Any, prefix: str = "") -> Iterator[tuple[str, Setting]]:
    """Nested settings with dotted keys; a list is one setting."""
    if isinstance(settings, dict):
        for key, value in settings.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(settings, list):
        simple = not any(isinstance(value, dict | list) for value in settings)
        yield prefix, ", ".join(map(str, settings)) if simple else json.dumps(settings)
    else:
        yield prefix, settings


def _folders(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        raise InputError(f"Expected a run or a folder of runs. Got {path}, which is no folder")
    for folder, inside, files in os.walk(path.resolve()):
        if "run.yaml" in files:
            inside[:] = [name for name in inside if name not in INSIDE]
            yield Path(folder)
        inside[:] = [name for name in inside if not name.startswith(".")]


def _by_scene(rows: Any) -> dict[str, float]:
    return {row["scene"]: float(row["mef_ssim"]) for row in rows}


def _numbers(row: dict[str, str]) -> dict[str, float]:
    numbers = {name: float(value) for name, value in row.items() if value}
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _yaml(file: Path) -> dict[str, Any]:
    values = yaml.load(file.read_text(encoding="utf-8"), _LOADER) if file.is_file() else {}
    if not isinstance(values, dict):
        raise ValueError(f"Expected keys and values in {file.name}. Got {type(values).__name__}")
    return values


def _csv(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
