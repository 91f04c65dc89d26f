"""By what a file is known as a result of this program: no exposure, and finished unless it is a preview."""

import re
from pathlib import Path

from PIL import Image
from PIL.ExifTags import Base

from hdr_lightning.imaging.metadata import PROGRAM, read_exif


def is_result(exif: Image.Exif) -> bool:
    """Whether a file with this EXIF is one that `hdr-fuse` wrote."""
    return str(exif.get(Base.Software, "")).startswith(PROGRAM)


def is_result_file(path: Path) -> bool:
    """Whether `hdr-fuse` wrote a file; a file that cannot be read it did not."""
    return bool(_said_of_program(path))


def is_preview_file(path: Path) -> bool:
    """Whether `hdr-fuse` wrote a file as a preview."""
    return re.match(rf"{PROGRAM} \S+ preview", _said_of_program(path)) is not None


def _said_of_program(path: Path) -> str:
    """What a file says from the program's name on; empty where it does not begin or, in light, contain it."""
    try:
        software = str(read_exif(path).get(Base.Software, ""))
    except Exception:  # of any type, and of no matter here
        software = ""
    return software if software.startswith(PROGRAM) else _said_in_light(path)


def _said_in_light(path: Path) -> str:
    """The head of a file of light, which has no EXIF, from the program's name on."""
    if not path.is_file():  # a pipe would be waited for
        return ""
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError:
        return ""
    _, name, rest = head.decode("latin-1").partition(PROGRAM)
    return name + rest if head.startswith((b"v/1\x01", b"#?")) else ""
