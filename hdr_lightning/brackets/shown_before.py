"""What a contact sheet shows of brackets that were fused before: what it showed then, or their files."""

from pathlib import Path

import numpy as np

from hdr_lightning.brackets.outputs import Job
from hdr_lightning.brackets.sheet import RESULT, Entry
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import raw
from hdr_lightning.imaging.brightness import mean_luma
from hdr_lightning.imaging.reading import is_raw, read_picture
from hdr_lightning.pages.page import data_of
from hdr_lightning.pages.pictures import LARGEST_SIDE, data_uri


def is_sheet(file: Path) -> bool:
    """Whether a file is a contact sheet of this program, of whatever version."""
    try:
        return "brackets" in data_of(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def shown_before(sheet: Path) -> dict[str, Entry]:
    """What a sheet shows of each bracket that was fused, by the file of its result; nothing if it is none."""
    try:
        brackets = data_of(sheet.read_text(encoding="utf-8"))["brackets"]
        return {
            bracket["output"]: Entry(*(bracket[name] for name in ("facts", "measured", "notes", "pictures")))
            for bracket in brackets
            if bracket["pictures"]
        }
    except (OSError, ValueError, LookupError, TypeError):  # none, or of another kind or version
        return {}


def entry_of_files(job: Job, area: float) -> Entry:
    """The result of a bracket and its exposures as they are read now, of which nothing was measured.

    Args:
        job: The bracket and where its result is.
        area: Pixels of each picture, see `area_for`.
    """
    result = None if job.output is None else _small(job.output)
    pictures = {} if result is None else {RESULT: data_uri(result, area)}
    exposures = [(file.name, pixels) for file in job.bracket.files if (pixels := _small(file)) is not None]
    exposures.sort(key=lambda exposure: mean_luma(exposure[1]))
    pictures |= {name: data_uri(pixels, area) for name, pixels in exposures}
    return Entry("fused before", [], [], pictures)


def _small(file: Path) -> np.ndarray | None:
    """A photograph in a size for a page; None where it is gone, or no picture as Radiance HDR is none."""
    try:
        return raw.thumbnail(file) if is_raw(file) else read_picture(file, side=LARGEST_SIDE).pixels
    except InputError:
        return None
