"""What the process behind the page does, each by the parts of `hdr-fuse`: plain data in, plain data out."""

import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from hdr_lightning.brackets.batch import plan_of, run, warnings_as_lines
from hdr_lightning.brackets.inputs import find_brackets
from hdr_lightning.brackets.one_bracket import encoded, line_of, make, write
from hdr_lightning.brackets.options import PREVIEW, parse
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.brackets.preparing import described, prepared
from hdr_lightning.brackets.without_effect import without_effect
from hdr_lightning.files import write_bytes
from hdr_lightning.imaging.metadata import Metadata
from hdr_lightning.imaging.writing import encode
from hdr_lightning.networks.method import BLENDINGS, DEFAULT, FUSERS
from hdr_lightning.studio.networks import networks_in
from hdr_lightning.studio.pictures import QUALITY, write_exposures, write_overlays, write_thumbnail
from hdr_lightning.studio.remembered import RememberedSteps

Tell = Callable[[dict[str, Any]], None]
"""Tells the page how far the work is."""
VIEWABLE = frozenset({".jpg", ".webp", ".avif"})
"""Suffixes of results that a browser shows as they are, and quickly."""
_STEPS = RememberedSteps()


def methods(tell: Tell) -> dict[str, Any]:
    """Every method and blending by its name."""
    entries = [{"name": name, "about": described(name)} for name in FUSERS]
    return {"methods": entries, "blendings": list(BLENDINGS), "default": DEFAULT}


def find(tell: Tell, inputs: list[str], group: str | None) -> dict[str, Any]:
    """The brackets among files and folders."""
    tell({"doing": "Looking at the photographs"})
    options = parse([] if group is None else ["--group", group])
    brackets, left_out = find_brackets(inputs, sys.stdin, options.group)
    entries = [
        {
            "name": bracket.name,
            "files": [str(file) for file in bracket.files],
            "folder": str(bracket.folder or ""),
        }
        for bracket in brackets
    ]
    return {"brackets": entries, "left_out": left_out}


def thumbnails(tell: Tell, files: list[str], folder: str) -> dict[str, Any]:
    """Write a small picture of each file; its name, or None where the file cannot be read."""
    return {"pictures": [write_thumbnail(Path(folder), n, Path(file)) for n, file in enumerate(files)]}


def look(tell: Tell, words: list[str], folder: str) -> dict[str, Any]:
    """Fuse one bracket in the size of a screen, and write what the page shows of it into a folder."""
    place, options = Path(folder), parse(words)
    bracket = find_brackets(options.inputs, sys.stdin, options.group).brackets[0]
    job = Job(bracket, place / "result.jpg", ".jpg", place)
    tell({"doing": "Fusing a preview"})
    with warnings_as_lines() as notes:
        label, fusion = prepared(options)
        fusion.fuser.progress = partial(_steps, tell)  # type: ignore[assignment]
        stamp = options.checkpoint and options.checkpoint.stat().st_mtime_ns
        refined = options.refine and (options.refine, options.blend)
        fusion.fuser = _STEPS.weighing(fusion.fuser, (options.method, options.checkpoint, stamp, refined))
        made = make(job, label, fusion, options, _STEPS.read, _STEPS.together)
        write_bytes(place / "result.jpg", encoded(job, made, options))
    return {
        "result": "result.jpg",
        "exposures": write_exposures(place, made, bracket.files),
        "overlays": write_overlays(place, made.fused, bracket.files),
        "line": line_of(job, made).partition(": ")[2],
        "notes": [*without_effect(options, [job]), *notes],
        "reduced": max(made.photographs[0].shape) >= PREVIEW,
    }


def save(tell: Tell, words: list[str], folder: str) -> dict[str, Any]:
    """Fuse one bracket as `hdr-fuse` does, and write pictures of it in full size for the page."""
    place, options = Path(folder), parse(words)
    (job,), _ = plan_of(options)
    tell({"doing": "Fusing in full size"})
    with warnings_as_lines() as notes:
        label, fusion = prepared(options)
        fusion.fuser.progress = partial(_steps, tell)  # type: ignore[assignment]
        made = make(job, label, fusion, options)
        tell({"doing": "Writing"})
        line = write(job, made, options)
    if job.suffix not in VIEWABLE:
        write_bytes(
            place / "result.jpg", encode(made.fused.image, ".jpg", 8, QUALITY, Metadata(icc=made.profile))
        )
    return {
        "result": None if job.suffix in VIEWABLE else "result.jpg",
        "file": str(job.output),
        "exposures": write_exposures(place, made, job.bracket.files),
        "line": line.partition(": ")[2],
        "notes": notes,
    }


def planned(tell: Tell, words: list[str]) -> dict[str, Any]:
    """What a batch would do."""
    tell({"doing": "Looking at the photographs"})
    jobs, left_out = plan_of(parse(["--dry-run", *words]))
    entries = [{"output": str(job), "done": job.done, "exposures": len(job.bracket.files)} for job in jobs]
    return {"jobs": entries, "left_out": left_out}


def batch(tell: Tell, words: list[str], pack: str | None) -> dict[str, Any]:
    """Fuse many brackets as `hdr-fuse` does.

    Args:
        tell: Gets a share for every bracket that is finished.
        words: Inputs and options.
        pack: A ZIP file to write the results into; None where they lie in a folder of the user.
    """
    jobs, _ = plan_of(parse(words))
    done = sum(job.done for job in jobs)
    tell({"doing": f"Fusing {len(jobs)} brackets", "fraction": done / len(jobs), "count": [done, len(jobs)]})
    good = run(parse(words))
    if pack is not None:
        with zipfile.ZipFile(pack, "w", zipfile.ZIP_STORED) as archive:
            for job in jobs:
                if job.output is not None and job.output.is_file():
                    archive.write(job.output, job.output.name)
    return {"good": good, "sheet": str(parse(words).sheet), "file": pack}


def demo(tell: Tell, folder: str) -> dict[str, Any]:
    """Write a bracket to try: a photograph of scikit-image as a camera model would see it at dusk."""
    from hdr_lightning.studio.demo import write_demo

    tell({"doing": "Making the demo"})
    write_demo(Path(folder))
    return {}


def networks(tell: Tell, path: str) -> dict[str, Any]:
    """The trained networks of a file, a run or a sweep."""
    return {"networks": networks_in(Path(path).expanduser())}


def _steps(tell: Tell, steps: range) -> Iterator[int]:
    for step in steps:
        tell({"doing": "Refining", "fraction": step / len(steps)})
        yield step


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    task.__name__: task for task in (methods, find, thumbnails, look, save, planned, batch, demo, networks)
}
