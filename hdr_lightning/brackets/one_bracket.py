"""One bracket of `hdr-fuse`: read, fused, delivered, and a line about it."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from hdr_lightning.brackets.agreeing import Agreed, agree, position_of
from hdr_lightning.brackets.around import Circle, open_around
from hdr_lightning.brackets.bracket import FusedBracket, fuse_agreed, middle, unfused
from hdr_lightning.brackets.common_base import on_base
from hdr_lightning.brackets.delivery import OPACITY_SUFFIXES, Delivery, deliver
from hdr_lightning.brackets.exposures import Exposures, read_exposures
from hdr_lightning.brackets.likeness import refuse_different
from hdr_lightning.brackets.options import PREVIEW
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.brackets.remembered import RememberedSteps
from hdr_lightning.brackets.virtual import EXPOSURE_VALUES
from hdr_lightning.files import write_bytes
from hdr_lightning.fusion import Fusion
from hdr_lightning.imaging.light import LIGHT_SUFFIXES
from hdr_lightning.imaging.metadata import NOTHING, PREVIEW_RESULT, RESULT, of_result, read_metadata
from hdr_lightning.imaging.reading import read_header
from hdr_lightning.imaging.writing import DEEP_SUFFIXES, JPEG_SUFFIXES, encode

LIGHT = "linear light"
"""What to call a result that is no picture."""


class Made(NamedTuple):
    """A bracket that was fused, and what its file and its line need."""

    fused: FusedBracket
    photographs: list[np.ndarray]  # as they were read, in the order of the files
    profile: bytes  # the ICC profile of all; empty for sRGB
    label: str  # what to call the fusion
    start: float  # when the work on it began, by `time.perf_counter`


def fuse_job(
    job: Job, label: str, fusion: Fusion, options: Namespace, begun: RememberedSteps | None = None
) -> tuple[FusedBracket, list[np.ndarray], str]:
    """Fuse a bracket and write its result, and what else the options ask for.

    Args:
        job: The bracket.
        label: What to call the fusion.
        fusion: As `prepared` makes it.
        options: Those of `hdr-fuse`.
        begun: What was done of it already; what it remembers takes memory.

    Returns:
        The result, the photographs as they were read, and the line that was printed.

    Raises:
        InputError: A file cannot be read, or the photographs are no bracket.
    """
    picture = job.suffix.lower() not in LIGHT_SUFFIXES or options.sheet is not None
    read, together = (read_exposures, agree) if begun is None else (begun.read, begun.together)
    made = make(job, label, fusion, options, read, together, picture)
    line = write(job, made, options)
    print(line, file=sys.stderr if job.output is None else sys.stdout, flush=True)
    return made.fused, made.photographs, line


def make(
    job: Job,
    label: str,
    fusion: Fusion,
    options: Namespace,
    read: Callable[[Sequence[Path], int | None], Exposures] = read_exposures,
    together: Callable[..., Agreed] = agree,
    picture: bool = True,
) -> Made:
    """Read and fuse a bracket.

    Args:
        job: The bracket, and whether its weights are wanted.
        label: What to call the fusion.
        fusion: As `prepared` makes it.
        options: Those of `hdr-fuse`.
        read: Reads exposures; one that remembers them saves the time of a second look.
        together: The same for making them agree.
        picture: Whether a picture is wanted, or the exposures alone, to measure light from.

    Raises:
        InputError: A file cannot be read, or the photographs are no bracket.
    """
    start, names = time.perf_counter(), [str(file) for file in job.bracket.files]
    photographs, alphas, profile = read(job.bracket.files, PREVIEW if options.preview else None)
    if options.preview:
        fusion = _as_in_full_size(fusion, job.bracket.files[0])
    if options.group != "off" and not _may_drop(options):
        refuse_different(photographs, names, job.bracket.found)
    if len(names) == 1:
        stops = " and ".join(f"{stop:+g}" if stop else "0" for stop in EXPOSURE_VALUES)
        say(f"{names[0]}: a single photograph, fused from virtual exposures of it ({stops} stops)")
    align, around, opened = options.align, None, photographs
    still = position_of(options.reference, names)
    if options.wrap:
        around = open_around(photographs, alphas, names, align, still)
        align, opened, alphas = "never", around.photographs, around.alphas
    agreed = together(opened, fusion.deghost, names, align, still, options.drop_unaligned, alphas)
    if picture or job.weights is not None:
        fused = fuse_agreed(agreed, fusion, job.weights is not None, options.device)
    else:
        fused, label = unfused(agreed), LIGHT
    if options.base is not None and label != LIGHT:
        fused = on_base(fused, options.base)
    if around is not None:
        fused = closed(around.circle, fused)._replace(moved=around.turned)
    return Made(fused, photographs, profile, label, start)


def _may_drop(options: Namespace) -> bool:
    """Whether photographs of another scene are left out."""
    return bool(options.drop_unaligned) and options.align != "never" and not options.wrap


def _as_in_full_size(fusion: Fusion, file: Path) -> Fusion:
    """A fusion that makes of a reduced bracket what it would make of all the pixels that the file has."""
    height, width = read_header(file)[:2]
    return Fusion(fusion.fuser.reduced_from(height * width), fusion.blending, fusion.deghost)


def closed(circle: Circle, fused: FusedBracket) -> FusedBracket:
    """The result of an opened panorama, closed again."""
    width = fused.image.shape[-1]
    ghosts = fused.ghosts
    return fused._replace(
        image=circle.closed(fused.image),
        weights=None if fused.weights is None else circle.closed(fused.weights),
        photographs=[circle.closed(image.swapaxes(1, 2)).swapaxes(1, 2) for image in fused.photographs],
        ghosts=None if ghosts is None else circle.closed(ghosts, ghosts.shape[-1] / width),
        opacity=None if fused.opacity is None else circle.closed(fused.opacity),
    )


def write(job: Job, made: Made, options: Namespace) -> str:
    """Write the result, and the weights and ghosts that are asked for; a line about it."""
    fused, files, result = made.fused, job.bracket.files, encoded(job, made, options)
    if job.weights is not None and fused.weights is not None:
        _write_weights(job.weights, fused.weights, [files[place] for place in fused.sources])
    if job.ghosts is not None and fused.ghosts is not None:
        _write_ghosts(job.ghosts, fused.ghosts, fused, files)
    _write(job.output, result)  # last: where it is, everything is
    return line_of(job, made)


def encoded(job: Job, made: Made, options: Namespace) -> bytes:
    """The bytes of the result's file."""
    fused, files = made.fused, job.bracket.files
    source = fused.sources[middle(len(fused.sources))]
    whole = made.photographs[source].shape[:2] == fused.image.shape[1:] and not options.preview
    metadata = of_result(read_metadata(files[source]), made.profile, whole, _program(options))
    if fused.opacity is not None and job.suffix.lower() not in OPACITY_SUFFIXES:
        name = job.suffix[1:].upper()
        say(f"{job}: {name} has no transparency, so it is laid on black (PNG and TIFF keep it)")
    bits = _bits(job, max(8 * pixels.itemsize for pixels in made.photographs), options.bits)
    return deliver(fused, files, metadata, delivery_of(job, options, bits))


def delivery_of(job: Job, options: Namespace, bits: int) -> Delivery:
    """How the options want the result to be written."""
    headroom = options.headroom if options.hdr else None
    return Delivery(job.suffix, bits, options.quality, headroom, _program(options))


def _program(options: Namespace) -> str:
    return PREVIEW_RESULT if options.preview else RESULT


def _bits(job: Job, found: int, wanted: int | None) -> int:
    suffix = job.suffix.lower()
    if wanted is None and found == 16 and suffix not in DEEP_SUFFIXES | LIGHT_SUFFIXES:
        name = "JPEG" if suffix in JPEG_SUFFIXES else suffix[1:].upper()
        say(f"{job}: the exposures have 16 bits, {name} holds 8 (PNG and TIFF hold 16)")
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
        _write_map(folder / f"{number}_{file.stem}.png", own, bits=16)


def _write_ghosts(folder: Path, maps: np.ndarray, fused: FusedBracket, files: Sequence[Path]) -> None:
    height, width = fused.image.shape[1:]
    for number, (source, ghosts) in enumerate(zip(fused.sources, maps, strict=True), start=1):
        whole = torch.from_numpy(cv2.resize(ghosts, (width, height)))[None]
        _write_map(folder / f"{number}_{files[source].stem}.png", whole, bits=8)


def _write_map(path: Path, values: Tensor, bits: int) -> None:
    _write(path, encode(values, ".png", bits, metadata=of_result(NOTHING)))


def line_of(job: Job, made: Made) -> str:
    """What is to be told of a result, as one line."""
    fused = made.fused
    height, width = fused.image.shape[1:]
    kind = "exposures" if len(job.bracket.files) > 1 else "virtual exposures"
    facts = [f"{width}x{height}", f"{len(fused.sources)} {kind}", made.label]
    if fused.moved:
        facts.append(f"aligned by up to {fused.moved:.1f} pixels")
    if fused.ghosts is not None and fused.ghosts.any():
        facts.append(f"ghosts removed in {100 * float(fused.ghosts.max(0).mean()):.1f} %")
    if made.label != LIGHT:
        facts.append(f"{100 * fused.outside:.1f} % clipped")
    facts.append(f"{time.perf_counter() - made.start:.1f} s")
    return f"{job}: {', '.join(facts)}"


def say(line: str) -> None:
    """Print a line that is no result."""
    print(line, file=sys.stderr, flush=True)
