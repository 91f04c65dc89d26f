"""The files of a folder or card as brackets, without earlier results and single photographs."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from hdr_lightning.brackets.grouping import find_runs, fits
from hdr_lightning.brackets.shots import Shot, read_shot
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import RAW_SUFFIXES
from hdr_lightning.imaging.marks import is_result_file

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
    """Files without earlier results and doubles, and lines about these; all where nothing else is there."""
    results = [file for file in files if is_result_file(file)] if len(files) > 1 else []
    if len(results) == len(files):
        return list(files), []
    kept, doubles = _once([file for file in files if file not in results])
    return kept, _results(results) + doubles


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
    results = _results([shot.path for shot in shots if shot.result])
    kept, doubles = _once([shot.path for shot in shots if not shot.result])
    photographs = set(kept)
    runs = find_runs([shot for shot in shots if shot.path in photographs])
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


def _once(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Of a raw file and the JPEG that the camera wrote beside it, the raw file where it can be developed."""
    kept: dict[Path, Path] = {}
    dropped: list[Path] = []
    for file in files:
        name = file.with_name(file.stem.lower())
        other = kept.get(name)
        if other is None or _is_raw(other) == _is_raw(file):
            kept[file if other else name] = file
        elif _is_raw(file) == bool(find_spec("rawpy")):
            kept[name] = file
            dropped.append(other)
        else:
            dropped.append(file)
    kind = "raw file" if find_spec("rawpy") else "JPEG"
    same = f"the same photograph as the {kind} beside it", f"the same photographs as the {kind}s beside them"
    return list(kept.values()), _told(dropped, *same)


def _is_raw(file: Path) -> bool:
    return file.suffix.lower() in RAW_SUFFIXES


def _singles(files: Sequence[Path]) -> list[str]:
    return _told(files, "single photograph", "single photographs")


def _results(files: Sequence[Path]) -> list[str]:
    return _told(files, "an earlier result", "earlier results")


def _told(files: Sequence[Path], what: str, several: str) -> list[str]:
    """A line about files that are left out, the first of which it names; none where there are none."""
    if not files:
        return []
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    names = ", ".join(str(file) for file in files[:_NAMED])
    return [f"{names}{more}: {several if len(files) > 1 else what}, left out"]


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
