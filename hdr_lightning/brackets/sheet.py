"""The contact sheet of a batch: every result beside its exposures, and what to look at twice."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hdr_lightning.brackets.bracket import FusedBracket
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.files import write_bytes
from hdr_lightning.levels import to_pixels
from hdr_lightning.pages.page import page
from hdr_lightning.pages.pictures import area_of_each, data_uri

CLIPPED = 0.02
"""Fraction of clipped values from which a result is flagged."""
MOVING = 0.005
"""Fraction of places, something moving in them, from which a result is flagged."""
_REPLACED = 0.5
RESULT = "result"


class Entry(NamedTuple):
    """What the sheet shows of one bracket that was fused.

    Attributes:
        facts: What was told of it, as one line.
        flags: What to look at, in a few words each.
        notes: Warnings on the way, in whole sentences.
        pictures: Address of each picture by its caption: the result, then the exposures from dark to bright.
    """

    facts: str
    flags: list[str]
    notes: list[str]
    pictures: dict[str, str]


def entry(
    job: Job,
    fused: FusedBracket,
    photographs: Sequence[np.ndarray],
    facts: str,
    notes: Sequence[str],
    area: float,
) -> Entry:
    """Make small pictures of a bracket, and note what is unusual about it.

    Args:
        job: The bracket and where its result is.
        fused: The result.
        photographs: The exposures, in the order of the job's files.
        facts: What was told of it.
        notes: Warnings on the way.
        area: Pixels of each picture, see `area_for`.
    """
    used = list(dict.fromkeys(fused.sources))
    order = used + [place for place in range(len(photographs)) if place not in used]
    pictures = {RESULT: data_uri(to_pixels(fused.image, 8), area)}
    pictures |= {job.bracket.files[place].name: data_uri(photographs[place], area) for place in order}
    left_out = len(photographs) - len(used)
    flags = ["warning"] if notes else []
    flags += [f"{left_out} left out"] if left_out else []
    moving = 0.0 if fused.ghosts is None else float((fused.ghosts.max(axis=0) > _REPLACED).mean())
    flags += [f"{100 * moving:.1f} % moves"] if moving >= MOVING else []
    flags += [f"{100 * fused.outside:.1f} % clipped"] if fused.outside >= CLIPPED else []
    return Entry(facts, flags, list(notes), pictures)


def area_for(jobs: Sequence[Job]) -> float:
    """Pixels of each picture on a sheet of so many brackets."""
    return area_of_each(sum(len(job.bracket.files) + 1 for job in jobs))


def write_sheet(path: Path, jobs: Sequence[Job], entries: dict[int, Entry], failures: dict[int, str]) -> None:
    """Write the page.

    Args:
        path: The HTML file.
        jobs: All brackets, in the order of the page.
        entries: Of those that were fused, now or before, by their place in `jobs`.
        failures: Why the others were not, by place.

    Raises:
        InputError: The file cannot be written.
    """
    counts = Counter(len(job.bracket.files) for job in jobs)
    usual, often = counts.most_common(1)[0]
    brackets: list[dict[str, Any]] = []
    for place, job in enumerate(jobs):
        found, count = entries.get(place), len(job.bracket.files)
        flags = list(found.flags) if found else ["failed"] if place in failures else ["not shown"]
        if count == 1:
            flags.append("a single photograph")
        elif count != usual and often > 1 and 2 * often >= len(jobs):
            flags.append(f"{count} exposures, others have {usual}")
        notes = [*(found.notes if found else []), *([failures[place]] if place in failures else [])]
        words = {"name": job.bracket.name, "output": str(job), "flags": flags, "notes": notes}
        shown = {"facts": found.facts if found else "", "pictures": found.pictures if found else {}}
        shown["measured"] = found.flags if found else []
        brackets.append(words | shown)
    title = f"{len(jobs)} bracket{'s' if len(jobs) > 1 else ''}"
    write_bytes(path, page(title, ("viewer", "sheet"), {"brackets": brackets}).encode())
