"""The work of ``hdr-fuse``: every bracket of the command line fused and written, and a line about each."""

import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from torch import Tensor

from hdr_lightning.brackets.bracket import FusedBracket, fuse_bracket, middle
from hdr_lightning.brackets.delivery import Delivery, deliver
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.brackets.inputs import find_brackets
from hdr_lightning.brackets.likeness import refuse_different
from hdr_lightning.brackets.many import Done, fuse_here, fuse_many
from hdr_lightning.brackets.outputs import Job, check_sheet, plan
from hdr_lightning.brackets.sheet import Entry, area_for, entry, write_sheet
from hdr_lightning.brackets.virtual import EXPOSURE_VALUES
from hdr_lightning.errors import InputError
from hdr_lightning.files import write_bytes
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.adjustments import Adjustments, adjust
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.fusion.device import device_of
from hdr_lightning.imaging.light import LIGHT_SUFFIXES
from hdr_lightning.imaging.metadata import of_result, read_metadata
from hdr_lightning.imaging.writing import DEEP_SUFFIXES, JPEG_SUFFIXES, encode
from hdr_lightning.networks.method import BLENDINGS, DEFAULT, FUSERS, Method, Refinement, build_fuser

PREVIEW = 1280
"""Longest side in pixels of a preview."""
_PREPARED: dict[str, tuple[str, Fusion]] = {}
"""Of a process that fuses many brackets: what it has prepared, by the options."""


def run(options: Namespace) -> bool:
    """Fuse what the options of ``hdr-fuse`` say.

    Returns:
        Whether every bracket was fused. A failure in one of several leaves the others done.

    Raises:
        InputError: The options do not fit, or the only bracket cannot be fused.
    """
    suffix = f".{options.format}" if options.format else ".jpg" if options.hdr else None
    device_of(options.device)
    label, fusion = _prepared(options)
    brackets, left_out = find_brackets(options.inputs, sys.stdin, options.group)
    for line in left_out:
        _tell(line)
    planned = plan(brackets, options.output, suffix, options.weights_out, options.force)
    if options.dry_run:
        print_plan(planned)
        return True
    jobs = _unfinished(planned)
    for job in jobs:
        _delivery(job, options, options.bits or 8).check(len(job.bracket.files), str(job))
    if options.sheet is not None:
        check_sheet(options.sheet, options.force or len(jobs) < len(planned))
    with _progress() as progress:
        if options.refine is not None:
            fusion.fuser.progress = partial(_steps, progress)  # type: ignore[assignment]
        area = area_for(jobs)
        if len(planned) == 1:
            found = _fuse_quietly(label, fusion, options, area, jobs[0])
            if found is not None:
                write_sheet(options.sheet, jobs, {0: found}, {})
            return True
        if options.jobs == 1 and options.cluster is None:
            done = fuse_here(jobs, partial(_fuse_quietly, label, fusion, options, area))
        else:
            work = partial(_fuse_elsewhere, options, area)
            done = fuse_many(jobs, work, options.jobs, options.cluster)
        return _tell_all(jobs, done, progress, options.sheet)


def _prepared(options: Namespace) -> tuple[str, Fusion]:
    """The fusion that the options ask for, and what to call it."""
    method = _method(options)
    adjustments = Adjustments(*(getattr(options, name) for name in Adjustments._fields))
    label = f"{method}, {adjustments}" if adjustments else str(method)
    fusion = method.build()
    fusion.deghost = fusion.deghost or deghosting(options.deghost)
    return label, adjust(fusion, adjustments)


def print_plan(jobs: Sequence[Job]) -> None:
    """Print a line for each bracket: what it would become, and its photographs."""
    for job in jobs:
        done = " (is there already)" if job.done else ""
        print(f"{job}{done}: {' '.join(str(file) for file in job.bracket.files)}")


def _unfinished(jobs: Sequence[Job]) -> list[Job]:
    """The jobs whose results are not there yet."""
    left = [job for job in jobs if not job.done]
    if len(left) < len(jobs):
        _tell(f"{len(jobs) - len(left)} of {len(jobs)} results are there already: --force fuses them again")
    return left


def print_methods() -> None:
    """Print a line for each method, and what else can be chosen."""
    width = max(map(len, FUSERS))
    for name in FUSERS:
        default = " The default." if name == DEFAULT else ""
        print(f"{name:<{width}}  {_described(name)}{default}")
    print(f"\n--blend takes {' or '.join(BLENDINGS)}, --checkpoint a network trained by train.py.")


def _described(name: str) -> str:
    """First line of a fuser's docstring, with the arguments that make a variant of it."""
    try:
        fuser = build_fuser(name)
    except InputError as error:  # an installed package's, which is no reason to hide the others
        return f"cannot be used: {error}"
    variant = [f", {key}={value}" for key, value in getattr(FUSERS[name], "keywords", {}).items()]
    line = (fuser.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return f"{line}{''.join(variant)}. Blending: {fuser.blending}."


def _method(options: Namespace) -> Method:
    """What the options name."""
    if options.checkpoint is None:
        method = Method.parse(options.method)
    elif options.checkpoint.is_file():
        method = Method(str(options.checkpoint))
    else:
        raise InputError(f"Expected a checkpoint. Got {options.checkpoint}, which is no file")
    if options.blend is not None:
        method = replace(method, blending=options.blend)
    if options.refine is not None:
        method = replace(method, refinement=Refinement.parse(options.refine))
    return method.explicit()


def _delivery(job: Job, options: Namespace, bits: int) -> Delivery:
    return Delivery(job.suffix, bits, options.quality, options.headroom if options.hdr else None)


@contextmanager
def _warnings_as_lines() -> Iterator[list[str]]:
    """Print warnings, and gather them."""
    told: list[str] = []

    def tell(message: Warning | str, *_: object, **__: object) -> None:
        told.append(str(message))
        _tell(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = tell
        yield told


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _tell_all(jobs: Sequence[Job], found: Iterable[Done], progress: Progress, sheet: Path | None) -> bool:
    """Print what became of each bracket as it comes, and at the end what failed."""
    failures: dict[int, str] = {}
    entries: dict[int, Entry] = {}
    for done in progress.track(found, total=len(jobs), description="fusing"):
        for text, stream in ((done.err, sys.stderr), (done.out, sys.stdout)):
            print(text, end="", file=stream, flush=True)
        if done.reason:
            failures[done.place] = done.reason
        elif done.result is not None:
            entries[done.place] = done.result
    if sheet is not None:
        write_sheet(sheet, jobs, entries, failures)
    if failures:
        lines = [f"  {jobs[place].bracket.name}: {failures[place]}" for place in sorted(failures)]
        _tell("\n".join([f"error: {len(lines)} of {len(jobs)} brackets failed:", *lines]))
    return not failures


def _fuse_quietly(label: str, fusion: Fusion, options: Namespace, area: float, job: Job) -> Entry | None:
    """Fuse one bracket; what a contact sheet shows of it in pictures of that area, if one is wanted."""
    with _warnings_as_lines() as told:
        fused, photographs, line = _fuse(job, label, fusion, options)
    return entry(job, fused, photographs, line, told, area) if options.sheet else None


def _fuse_elsewhere(options: Namespace, area: float, job: Job) -> Entry | None:
    """The same in a process that has to prepare for itself, once."""
    key = repr(sorted(vars(options).items()))
    if key not in _PREPARED:
        _PREPARED[key] = _prepared(options)
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


def _fuse(
    job: Job, label: str, fusion: Fusion, options: Namespace
) -> tuple[FusedBracket, list[np.ndarray], str]:
    start = time.perf_counter()
    names = [str(file) for file in job.bracket.files]
    exposures = read_exposures(job.bracket.files, PREVIEW if options.preview else None)
    if options.group != "off":
        refuse_different(exposures.photographs, names)
    bits = _bits(job, max(8 * pixels.itemsize for pixels in exposures.photographs), options.bits)
    if len(names) == 1:
        stops = " and ".join(f"{stop:+g}" if stop else "0" for stop in EXPOSURE_VALUES)
        _tell(f"{names[0]}: a single photograph, fused from virtual exposures of it ({stops} stops)")
    still, kept = _reference(options.reference, names), job.weights is not None
    fused = fuse_bracket(
        exposures.photographs,
        fusion,
        names,
        options.align,
        still,
        options.drop_unaligned,
        kept,
        options.device,
    )
    source = fused.sources[middle(len(fused.sources))]
    same_size = exposures.photographs[source].shape[:2] == fused.image.shape[1:]
    metadata = of_result(read_metadata(job.bracket.files[source]), exposures.profile, same_size)
    how = _delivery(job, options, bits)
    result = deliver(fused, job.bracket.files, metadata, how)
    if job.weights is not None and fused.weights is not None:
        _write_weights(job.weights, fused.weights, [job.bracket.files[place] for place in fused.sources])
    if options.ghosts_out is not None and fused.ghosts is not None:
        folder = options.ghosts_out if job.bracket.folder is None else options.ghosts_out / job.bracket.name
        _write_ghosts(folder, fused.ghosts, fused, job.bracket.files)
    _write(job.output, result)  # last: where it is, everything is
    line = _line(job, fused, label, time.perf_counter() - start)
    print(line, file=sys.stderr if job.output is None else sys.stdout, flush=True)
    return fused, exposures.photographs, line


def _reference(number: int | None, names: Sequence[str]) -> int | None:
    if number is not None and number > len(names):
        raise InputError(f"reference: Expected the number of one of {len(names)} exposures. Got {number}")
    return None if number is None else number - 1


def _bits(job: Job, found: int, wanted: int | None) -> int:
    suffix = job.suffix.lower()
    if wanted is None and found == 16 and suffix not in DEEP_SUFFIXES | LIGHT_SUFFIXES:
        name = "JPEG" if suffix in JPEG_SUFFIXES else suffix[1:].upper()
        _tell(f"{job}: the exposures have 16 bits, {name} holds 8 (PNG and TIFF hold 16)")
        return 8
    return wanted or found


def _write(output: Path | None, encoded: bytes) -> None:
    if output is None:
        sys.stdout.buffer.write(encoded)
        sys.stdout.buffer.flush()
        return
    write_bytes(output, encoded)


def _write_weights(folder: Path, weights: Tensor, files: Sequence[Path]) -> None:
    for number, (file, own) in enumerate(zip(files, weights, strict=True), start=1):
        _write(folder / f"{number}_{file.stem}.png", encode(own, ".png", bits=16))


def _write_ghosts(folder: Path, maps: np.ndarray, fused: FusedBracket, files: Sequence[Path]) -> None:
    height, width = fused.image.shape[1:]
    for number, (source, ghosts) in enumerate(zip(fused.sources, maps, strict=True), start=1):
        whole = torch.from_numpy(cv2.resize(ghosts, (width, height)))[None]
        _write(folder / f"{number}_{files[source].stem}.png", encode(whole, ".png", bits=8))


def _line(job: Job, fused: FusedBracket, label: str, seconds: float) -> str:
    height, width = fused.image.shape[1:]
    kind = "exposures" if len(job.bracket.files) > 1 else "virtual exposures"
    facts = [f"{width}x{height}", f"{len(fused.sources)} {kind}", label]
    if fused.moved:
        facts.append(f"aligned by up to {fused.moved:.1f} pixels")
    if fused.ghosts is not None and fused.ghosts.any():
        facts.append(f"ghosts removed in {100 * float(fused.ghosts.max(0).mean()):.1f} %")
    facts += [f"{100 * fused.outside:.1f} % clipped", f"{seconds:.1f} s"]
    return f"{job}: {', '.join(facts)}"
