"""Where `hdr-fuse` writes, and whether it can: settled before anything is computed."""

import errno
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hdr_lightning.brackets.inputs import STANDARD, Bracket
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.light import LIGHT_SUFFIXES
from hdr_lightning.imaging.marks import is_preview_file, is_result_file
from hdr_lightning.imaging.writing import JPEG_SUFFIXES, WRITTEN_SUFFIXES

RESULT_SUFFIXES = WRITTEN_SUFFIXES | LIGHT_SUFFIXES
"""Suffixes (in lower case) of the files that `hdr-fuse` writes."""


@dataclass(frozen=True)
class Job:
    """One bracket to fuse.

    Attributes:
        bracket: The exposures.
        output: File to write; None for standard output.
        suffix: Format of the output.
        weights: Folder of the weight maps; None for none.
        ghosts: Folder of the maps of ghosts; None for none.
        done: Whether the output is there already, from an earlier run over several brackets.
    """

    bracket: Bracket
    output: Path | None
    suffix: str
    weights: Path | None
    ghosts: Path | None = None
    done: bool = False

    @property
    def map_folders(self) -> list[Path]:
        """The folders of maps that were asked for."""
        return [folder for folder in (self.weights, self.ghosts) if folder is not None]

    def __str__(self) -> str:
        return "standard output" if self.output is None else str(self.output)


def plan(
    brackets: Sequence[Bracket],
    output: str | None,
    suffix: str | None,
    weights: Path | None,
    force: bool,
    ghosts: Path | None = None,
    dry: bool = False,
) -> list[Job]:
    """Give every bracket its output.

    Args:
        brackets: At least one.
        output: File, folder or `-`; None puts the result beside the first of loose files.
        suffix: Format of outputs that are not named one by one; None for PNG.
        weights: Folder of the weight maps; brackets that are folders get one each inside.
        force: Whether files may be overwritten, and finished brackets of several done again.
        ghosts: Folder of the maps of ghosts, likewise.
        dry: Make no folder yet.

    Raises:
        InputError: The output does not fit the brackets, is in the way or cannot be written.
    """
    # a folder of brackets may hold the results of the last time
    if len(brackets) > 1:
        brackets = [bracket for bracket in brackets if not _is_output(bracket, output)]
    several = len(brackets) > 1
    if weights is not None and ghosts is not None and weights.resolve() == ghosts.resolve():
        raise InputError(f"Expected a folder for weights and another for ghosts. Got {weights} for both")
    jobs = [_job(bracket, several, output, suffix, weights, ghosts) for bracket in brackets]
    _check_names(jobs)
    if several and not force:
        jobs = [replace(job, done=_is_done(job)) for job in jobs]
    for job in jobs:
        if not job.done:
            _check_output(job, force)
    for maps in sorted({folder for job in jobs for folder in job.map_folders if folder.exists()}):
        _check_maps(maps, force, several)
    for folder in {folder for job in jobs for folder in _folders(job)}:
        _check_could_be_made(folder) if dry else _check_writable(folder)
    return jobs


def check_sheet(sheet: Path, force: bool) -> None:
    """Refuse a contact sheet that is in the way or cannot be written.

    Raises:
        InputError: It names the file.
    """
    if sheet.is_dir() or sheet.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"Expected a file .html for the contact sheet. Got {sheet}")
    if sheet.exists() and not force:
        raise InputError(f"Expected a new file. Got {sheet}, which exists: --force overwrites it")
    _check_writable(sheet.parent)


def _is_done(job: Job) -> bool:
    """Whether the output is a result of this program, and so was written whole, and more than a preview."""
    output = job.output
    if output is None or not output.is_file():
        return False
    return is_result_file(output) and not is_preview_file(output)


def _is_output(bracket: Bracket, output: str | None) -> bool:
    """Whether a bracket is nothing but results in the folder where others go."""
    if bracket.folder is None or output is None or bracket.folder.resolve() != Path(output).resolve():
        return False
    photograph = next((file for file in bracket.files if not is_result_file(file)), None)
    if photograph is not None:
        raise InputError(f"Expected a folder for results without exposures in it. Got {photograph}")
    return True


def _job(
    bracket: Bracket,
    several: bool,
    output: str | None,
    suffix: str | None,
    weights: Path | None,
    ghosts: Path | None,
) -> Job:
    target = None
    if output != STANDARD:
        target = _beside(bracket, suffix) if output is None else _target(bracket, several, output, suffix)
    elif several or sys.stdout.isatty():
        raise InputError(f"Expected a {'folder' if several else 'file or a pipe'} to write to. Got -o -")
    if target is not None and suffix is not None and not _same_format(target.suffix, suffix):
        raise InputError(f"Expected an output {suffix}, as --hdr or --format has it. Got {target}")
    ending = (suffix or ".png") if target is None else target.suffix
    return Job(bracket, target, ending, _own(weights, bracket), _own(ghosts, bracket))


def _own(folder: Path | None, bracket: Bracket) -> Path | None:
    """Where the maps of a bracket go: brackets that are folders get one each."""
    return folder if folder is None or bracket.folder is None else folder / bracket.name


def _beside(bracket: Bracket, suffix: str | None) -> Path:
    if bracket.folder is not None:
        raise InputError(f"Expected a file or folder to write to (-o) for {bracket.folder}. Got none")
    first = bracket.files[0]
    own = first.suffix if first.suffix.lower() in WRITTEN_SUFFIXES else ".png"
    return first.with_name(f"{bracket.name}_fused{suffix or own}")


def _target(bracket: Bracket, several: bool, output: str, suffix: str | None) -> Path:
    path = Path(output)
    is_folder = path.is_dir() or output.endswith(("/", "\\"))
    if not is_folder and path.suffix.lower() in RESULT_SUFFIXES:
        if several:
            raise InputError(
                f"Expected a folder to write several images to (--dry-run shows the brackets). Got {output}"
            )
        return path
    if bracket.folder is not None and (is_folder or several or not path.suffix):
        return path / f"{bracket.name}{suffix or '.png'}"
    if is_folder:
        return path / f"{bracket.name}_fused{suffix or '.png'}"
    endings = ", ".join(sorted(RESULT_SUFFIXES))
    raise InputError(f"Expected a file name with one of {endings}, or a folder. Got {output}")


def _same_format(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower()
    return one[:4] == other[:4] or {one, other} <= JPEG_SUFFIXES


def _check_names(jobs: Sequence[Job]) -> None:
    outputs: dict[Path | None, Job] = {}
    for job in jobs:
        first = outputs.setdefault(job.output, job)
        if first is not job:
            raise InputError(
                f"Expected brackets of different names. Got {first.bracket.folder} and {job.bracket.folder}"
            )


def _check_output(job: Job, force: bool) -> None:
    output, folder = job.output, job.bracket.folder
    if output is not None and folder is not None and output.resolve().parent == folder.resolve():
        raise InputError(f"Expected an output outside {folder}, all of whose images are fused. Got {output}")
    if output is not None and output.exists():
        if any(output.samefile(file) for file in job.bracket.files if file.exists()):
            raise InputError(f"Expected an output that is no exposure. Got {output}")
        if output.is_dir() or not (force or is_preview_file(output)):
            raise InputError(f"Expected a new file. Got {output}, which exists: --force overwrites it")


def _check_maps(maps: Path, force: bool, several: bool) -> None:
    """Those of several brackets may be left from a run that was interrupted."""
    there = [] if force or not maps.is_dir() else [file for file in maps.iterdir() if file.name[0] != "."]
    if not maps.is_dir() or not all(several and is_result_file(file) for file in there):
        raise InputError(f"Expected a new or empty folder. Got {maps}: --force writes into it")


def _folders(job: Job) -> list[Path]:
    outputs = [] if job.output is None else [job.output.parent]
    return [*outputs, *job.map_folders]


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = os.strerror(errno.ENOTDIR) if isinstance(error, FileExistsError) else error.strerror
        raise InputError(f"Expected a folder that can be written. Got {folder}: {reason}") from error


def _check_could_be_made(folder: Path) -> None:
    there = next(filter(os.path.lexists, (folder, *folder.parents)))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES if there.is_dir() else errno.ENOTDIR)
        raise InputError(f"Expected a folder that can be written. Got {folder}: {reason}")
