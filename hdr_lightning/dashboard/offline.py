"""Offline W&B runs, read back with W&B's own tool: configuration, scalars, images and tables."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hdr_lightning.errors import InputError

Value = TypeVar("Value")
STEP = "trainer/global_step"
AXES = frozenset({STEP, "epoch"})
"""Over what the others are drawn."""


class Row(NamedTuple):
    """What was logged at one step."""

    step: int
    scalars: dict[str, float]
    images: dict[str, list[Path]]
    tables: dict[str, Path]  # {"columns": [...], "data": [[...], ...]} as JSON


class Offline(NamedTuple):
    """One W&B run, which may lie in several folders because it was continued."""

    project: str
    name: str
    group: str
    config: dict[str, Any]
    rows: list[Row]


def find_offline(root: Path) -> list[list[Path]]:
    """The folders of offline runs below a folder, those of one run together in the order of their starts.

    Raises:
        InputError: There is none.
    """
    folders: dict[str, list[Path]] = {}
    for log in sorted(root.rglob("offline-run-*/run-*.wandb")):
        folders.setdefault(log.stem, []).append(log.parent)
    if not folders:
        raise InputError(f"Expected offline W&B runs (logger=wandb) in {root}. Got none")
    return list(folders.values())


def read_offline(folders: Sequence[Path]) -> Offline:
    """Read a run from its folders.

    Raises:
        InputError: W&B cannot read it.
    """
    born: dict[str, Any] = {}
    config: dict[str, Any] = {}
    rows: list[Row] = []
    for folder in folders:
        start: list[Row] = []
        for record in _records(folder):
            if record["type"] == "run":
                born = record["run"]
                config |= born.get("config", {}).get("update", {})
            elif record["type"] == "config":
                config |= record["config"].get("update", {})
            elif record["type"] == "history":
                step = start[-1].step if start else 0
                start.append(_row(record["history"]["item"], folder / "files", step))
        rows = [*_not_again(rows, start), *start]
    if not born:
        raise InputError(f"Expected an offline W&B run in {folders[0]}. Got a damaged or foreign log")
    config = {key: value for key, value in config.items() if not key.startswith("_")}
    return Offline(
        born.get("project", "hdr-lightning"),
        born.get("display_name", folders[0].name),
        born.get("run_group", ""),
        config,
        rows,
    )


def _not_again(before: Sequence[Row], start: Sequence[Row]) -> list[Row]:
    """What was logged before a new start, without what it logs again because its checkpoint was older."""
    again: dict[str, int] = {}
    for row in start:
        for key in (*row.scalars, *row.images, *row.tables):
            again.setdefault(key, row.step)

    def earlier(values: dict[str, Value], step: int) -> dict[str, Value]:
        return {key: value for key, value in values.items() if step < again.get(key, step + 1)}

    return [
        Row(step, earlier(scalars, step), earlier(images, step), earlier(tables, step))
        for step, scalars, images, tables in before
    ]


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(folder)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    if shown.returncode:
        reason = (shown.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"Expected an offline W&B run in {folder}. Got: {reason}")
    for line in shown.stdout.splitlines():
        record = json.loads(line)
        if record.get("type") in ("run", "config", "history"):
            yield record


def _inside(files: Path, names: Sequence[str]) -> list[Path]:
    """Files by the names that a log gives them; a log may be a stranger's, and name any file at all."""
    paths = [files / name for name in names]
    return [path for path in paths if path.resolve().is_relative_to(files.resolve())]


def _row(item: dict[str, Any], files: Path, before: int) -> Row:
    """An item has a flat key for every value; what an image or a table is made of has dotted keys."""
    kinds = {key.removesuffix("._type"): value for key, value in item.items() if key.endswith("._type")}
    images = {
        key: _inside(files, item[f"{key}.filenames"])
        for key, kind in kinds.items()
        if kind == "images/separated"
    }
    tables = {
        key: path
        for key, kind in kinds.items()
        if kind == "table-file"
        for path in _inside(files, [item[f"{key}.path"]])
    }
    scalars = {
        key: value
        for key, value in item.items()
        if isinstance(value, int | float)
        and not key.startswith("_")
        and key not in AXES
        and key.rpartition(".")[0] not in kinds
    }
    return Row(int(item.get(STEP, before)), scalars, images, tables)
