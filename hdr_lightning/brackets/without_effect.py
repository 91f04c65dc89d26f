"""Options of `hdr-fuse` that change nothing of what is asked for, which whoever gives them should know."""

from argparse import Namespace
from collections.abc import Iterator, Sequence

from hdr_lightning.brackets.options import parse
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.imaging.light import LIGHT_SUFFIXES

LOSSLESS = frozenset({".png", ".tif", ".tiff"}) | LIGHT_SUFFIXES
"""Suffixes (in lower case) of files that have no quality."""
_OF_PICTURES = ("brightness", "highlights", "shadows", "saturation")
_OF_FUSION = ("method", "checkpoint", "blend", "refine")
_OF_SEVERAL_EXPOSURES = ("align", "deghost", "ghosts_out", "drop_unaligned", "reference")
_OF_SEVERAL_BRACKETS = ("same_base", "cluster")


def without_effect(options: Namespace, jobs: Sequence[Job]) -> list[str]:
    """A line for each option that was given and has no effect.

    Args:
        options: Those of `hdr-fuse`.
        jobs: At least one bracket, and what it is to become.
    """
    given = {name for name, usual in vars(parse([])).items() if getattr(options, name) != usual}
    found = dict(pair for pair in _pairs(options, given, jobs) if pair[0] in given)
    return [f"--{name.replace('_', '-')} has no effect {why}" for name, why in found.items()]


def _pairs(options: Namespace, given: set[str], jobs: Sequence[Job]) -> Iterator[tuple[str, str]]:
    """Options, some of which may not be given, and why they have no effect."""
    if options.align == "never":
        yield "drop_unaligned", "with --align never"
        if options.deghost == "off":
            yield "reference", "with --align never and --deghost off"
    if options.wrap:
        yield "drop_unaligned", "with --wrap"
    if not options.hdr:
        yield "headroom", "without --hdr"
    suffixes = {job.suffix.lower() for job in jobs}
    if suffixes <= LOSSLESS:
        yield "quality", f"on {' and '.join(sorted(suffix[1:].upper() for suffix in suffixes))}"
    if suffixes <= LIGHT_SUFFIXES:
        seen = () if "sheet" in given else (*_OF_PICTURES, "same_base")
        weighed = () if {"sheet", "weights_out"} & given else _OF_FUSION
        for name in ("bits", *seen, *weighed):
            yield name, "on linear light"
    if all(len(job.bracket.files) == 1 for job in jobs):
        for name in _OF_SEVERAL_EXPOSURES:
            yield name, "on a single photograph"
    if len(jobs) == 1:
        for name in _OF_SEVERAL_BRACKETS:
            yield name, "on a single bracket"
