"""The files of a folder or card as brackets, without earlier results and single photographs."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from hdr_lightning.brackets.grouping import find_runs, fits
from hdr_lightning.brackets.shots import Shot, read_shot
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import RAW_SUFFIXES
from hdr_lightning.imaging.metadata import is_result_file

Grouping = int | str | None
"""So many files each; `auto` finds brackets; `off` takes files as named. None is `auto` for folders only."""
_NAMED = 8


class Groups(NamedTuple):
    """What is fused of a folder.

    Attributes:
        brackets: The files of each.
        left_out: Lines about those that are in none.
        found: Whether the brackets were found by what the files tell and show, rather than given.
    """

    brackets: list[list[Path]]
    left_out: list[str]
    found: bool = False


def photographs_of(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Files without earlier results among them, and lines about these; all where nothing else is there."""
    results = {file for file in files if is_result_file(file)} if len(files) > 1 else set()
    if len(results) == len(files):
        return list(files), []
    return [file for file in files if file not in results], [
        _result(file) for file in files if file in results
    ]


def group(files: Sequence[Path], grouping: Grouping) -> Groups:
    """The brackets among the photographs of a folder.

    Args:
        files: In the order of their names.
        grouping: How.

    Raises:
        InputError: So many files each do not come out even.
    """
    if grouping == "off" or len(files) == 1:
        return Groups([list(files)], [])
    if isinstance(grouping, int):
        return _by_number(*photographs_of(files), grouping)
    shots = _shots(files)
    if all(shot.result for shot in shots):
        return Groups([list(files)], [])
    results = [_result(shot.path) for shot in shots if shot.result]
    kept, doubles = _once([shot for shot in shots if not shot.result])
    runs = find_runs(kept)
    if len(runs) == 1:
        return Groups([[shot.path for shot in runs[0]]], results + doubles, fits(runs[0]))
    brackets = [[shot.path for shot in run] for run in runs if len(run) > 1]
    return Groups(
        brackets, results + doubles + _singles([run[0].path for run in runs if len(run) == 1]), True
    )


def _by_number(files: Sequence[Path], left_out: list[str], number: int) -> Groups:
    if len(files) % number:
        raise InputError(
            f"Expected a multiple of {number} photographs in {files[0].parent}. Got {len(files)}"
        )
    brackets = [list(files[start : start + number]) for start in range(0, len(files), number)]
    return Groups(brackets, left_out)


def _once(shots: Sequence[Shot]) -> tuple[list[Shot], list[str]]:
    """Of a raw file and the JPEG that the camera wrote beside it, the raw file where it can be developed."""
    by_name: dict[str, Shot] = {}
    lines = []
    for shot in shots:
        other = by_name.setdefault(shot.path.stem.lower(), shot)
        if other is shot or _is_raw(other) == _is_raw(shot):
            by_name[shot.path.stem.lower() if other is shot else str(shot.path)] = shot
            continue
        raw, picture = (shot, other) if _is_raw(shot) else (other, shot)
        kept, dropped = (raw, picture) if find_spec("rawpy") else (picture, raw)
        by_name[shot.path.stem.lower()] = kept
        lines.append(f"{dropped.path}: the same photograph as {kept.path.name}, left out")
    return list(by_name.values()), lines


def _is_raw(shot: Shot) -> bool:
    return shot.path.suffix.lower() in RAW_SUFFIXES


def _singles(files: Sequence[Path]) -> list[str]:
    if not files:
        return []
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    names = ", ".join(str(file) for file in files[:_NAMED])
    return [f"{names}{more}: single {'photographs' if len(files) > 1 else 'photograph'}, left out"]


def _result(file: Path) -> str:
    return f"{file}: an earlier result, left out"


def _shots(files: Sequence[Path]) -> list[Shot]:
    """What the files tell, and their pixels looked at, with a bar."""
    from rich.console import Console  # files that are named one by one need not wait for it
    from rich.progress import track

    console = Console(stderr=True)
    quiet = not console.is_terminal
    shots = []
    for file in track(files, "Looking at photographs", console=console, transient=True, disable=quiet):
        shots.append(read_shot(file))
        _ = shots[-1].detail  # kept for later
    return shots
