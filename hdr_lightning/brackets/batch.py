"""The work of `hdr-fuse`: every bracket of the command line fused and written, and a line about each."""

import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from hdr_lightning.brackets.common_base import common_base
from hdr_lightning.brackets.head_start import Begun
from hdr_lightning.brackets.inputs import Found, find_brackets
from hdr_lightning.brackets.many import Done, fuse_here, fuse_many
from hdr_lightning.brackets.one_bracket import delivery_of, fuse_job, say
from hdr_lightning.brackets.outputs import Job, check_sheet, plan
from hdr_lightning.brackets.preparing import prepared
from hdr_lightning.brackets.sheet import Entry, area_for, entry, write_sheet
from hdr_lightning.brackets.shown_before import entry_of_files, is_sheet, shown_before
from hdr_lightning.brackets.without_effect import without_effect
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.device import device_of

_PREPARED: dict[str, tuple[str, Fusion]] = {}
"""Of a process that fuses many brackets: what it has prepared, by the options."""


def run(options: Namespace, begin: Callable[[], Begun] = Begun) -> bool:
    """Fuse what the options of `hdr-fuse` say.

    Args:
        options: What to do.
        begin: Gives what was done of it already, see `head_start`.

    Returns:
        Whether every bracket was fused. A failure in one of several leaves the others done.

    Raises:
        InputError: The options do not fit, or the only bracket cannot be fused.
    """
    device_of(options.device)
    label, fusion = prepared(options)
    begun = begin()
    planned, left_out = plan_of(options, begun.find)
    for line in (*left_out, *without_effect(options, planned)):
        say(line)
    if options.dry_run:
        print_plan(planned)
        return True
    jobs = _unfinished(planned)
    if not jobs and options.sheet is None:
        return True
    for job in jobs:
        delivery_of(job, options, options.bits or 8).check(len(job.bracket.files), str(job))
    if options.sheet is not None:
        goes_on = len(jobs) < len(planned) and is_sheet(options.sheet)
        check_sheet(options.sheet, options.force or goes_on)
    with _progress() as progress:
        if options.refine is not None:
            fusion.fuser.progress = partial(_steps, progress)  # type: ignore[assignment]
        if options.same_base and jobs:
            looked_at = progress.track(planned, description="common base")
            options.base = common_base(looked_at, fusion, options.align, options.wrap)
        area = area_for(planned)
        if len(planned) == 1:
            steps = begun if options.preview else None
            found = _fuse_quietly(label, fusion, options, area, jobs[0], steps)
            if found is not None:
                write_sheet(options.sheet, jobs, {0: found}, {})
            return True
        if not jobs or (options.jobs == 1 and options.cluster is None):
            done = fuse_here(jobs, partial(_fuse_quietly, label, fusion, options, area))
        else:
            work = partial(_fuse_elsewhere, options, area)
            one = options.jobs == 1  # which nobody needs a cluster for
            done = fuse_many(jobs, work, 0 if one else options.jobs, options.cluster)
        entries, failures = _tell_all(jobs, done, progress)
        if options.sheet is not None:
            _write_sheet(options.sheet, planned, entries, failures, progress)
        _tell_failures(jobs, failures)
        return not failures


def plan_of(options: Namespace, find: Callable[..., Found] = find_brackets) -> tuple[list[Job], list[str]]:
    """What the options would make of which brackets, and lines about the photographs that are in none.

    Raises:
        InputError: There is no bracket, or no room for its result.
    """
    suffix = f".{options.format}" if options.format else ".jpg" if options.hdr else None
    brackets, left_out = find(options.inputs, sys.stdin, options.group)
    maps = (options.weights_out, options.force, options.ghosts_out)
    jobs = plan(brackets, options.output, suffix, *maps, options.dry_run)
    return jobs, left_out


def print_plan(jobs: Sequence[Job]) -> None:
    """Print a line for each bracket: what it would become, and its photographs."""
    for job in jobs:
        done = " (is there already)" if job.done else ""
        print(f"{job}{done}: {' '.join(str(file) for file in job.bracket.files)}")


def _unfinished(jobs: Sequence[Job]) -> list[Job]:
    """The jobs whose results are not there yet."""
    left = [job for job in jobs if not job.done]
    if len(left) < len(jobs):
        say(f"{len(jobs) - len(left)} of {len(jobs)} results are there already: --force fuses them again")
    return left


@contextmanager
def warnings_as_lines() -> Iterator[list[str]]:
    """Print warnings, and gather them."""
    printed: list[str] = []

    def tell(message: Warning | str, *_: object, **__: object) -> None:
        printed.append(str(message))
        say(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = tell
        yield printed


def _tell_all(
    jobs: Sequence[Job], found: Iterable[Done], progress: Progress
) -> tuple[dict[Job, Entry], dict[Job, str]]:
    """Print what became of each bracket as it comes; what a sheet shows of them, and why others failed."""
    entries: dict[Job, Entry] = {}
    failures: dict[Job, str] = {}
    for done in progress.track(found, total=len(jobs), description="fusing"):
        for text, stream in ((done.err, sys.stderr), (done.out, sys.stdout)):
            print(text, end="", file=stream, flush=True)
        if done.reason:
            failures[jobs[done.place]] = done.reason
        elif done.result is not None:
            entries[jobs[done.place]] = done.result
    return entries, failures


def _tell_failures(jobs: Sequence[Job], failures: dict[Job, str]) -> None:
    """Print which brackets failed and why."""
    if failures:
        lines = [f"  {job.bracket.name}: {failures[job]}" for job in jobs if job in failures]
        say("\n".join([f"error: {len(lines)} of {len(jobs)} brackets failed:", *lines]))


def _write_sheet(
    sheet: Path,
    jobs: Sequence[Job],
    entries: dict[Job, Entry],
    failures: dict[Job, str],
    progress: Progress,
) -> None:
    """The contact sheet of all brackets, those too that were fused before."""
    before, area = shown_before(sheet), area_for(jobs)
    for job in progress.track(jobs, description="contact sheet"):
        if job not in entries and job not in failures:
            entries[job] = (before.get(str(job)) if job.done else None) or entry_of_files(job, area)
    shown = {place: entries[job] for place, job in enumerate(jobs) if job in entries}
    failed = {place: failures[job] for place, job in enumerate(jobs) if job in failures}
    write_sheet(sheet, jobs, shown, failed)


def _fuse_quietly(
    label: str, fusion: Fusion, options: Namespace, area: float, job: Job, begun: Begun | None = None
) -> Entry | None:
    """Fuse one bracket; what a contact sheet shows of it in pictures of that area, if one is wanted."""
    with warnings_as_lines() as printed:
        fused, photographs, line = fuse_job(job, label, fusion, options, begun)
    return entry(job, fused, photographs, line, printed, area) if options.sheet else None


def _fuse_elsewhere(options: Namespace, area: float, job: Job) -> Entry | None:
    """The same in a process that has to prepare for itself, once."""
    key = repr(sorted(vars(options).items()))
    if key not in _PREPARED:
        _PREPARED[key] = prepared(options)
    return _fuse_quietly(*_PREPARED[key], options, area, job)


def _progress() -> Progress:
    """A bar on the terminal; lines of a redirected standard output stay out of its way."""
    console = Console(stderr=True)
    hidden = not console.is_terminal
    return Progress(
        console=console, transient=True, disable=hidden, redirect_stdout=sys.stdout.isatty() and not hidden
    )


def _steps(progress: Progress, steps: range) -> Iterator[int]:
    """The steps of a refinement, with a bar of their own while they go on."""
    task = progress.add_task("refining", total=len(steps))
    yield from progress.track(steps, task_id=task)
    progress.remove_task(task)
