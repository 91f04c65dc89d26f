"""What a file tells of its shot: how much light it got, when, and whether the camera was bracketing."""

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.ExifTags import IFD, Base

from hdr_lightning.brackets.likeness import Detail, detail
from hdr_lightning.brackets.sequence import sequence_of
from hdr_lightning.imaging import pillow, raw
from hdr_lightning.imaging.kinds import RAW, kind_of
from hdr_lightning.imaging.marks import is_result, is_result_file
from hdr_lightning.imaging.metadata import read_exif
from hdr_lightning.imaging.reading import is_raw, read_header, read_picture
from hdr_lightning.radiance.recorded import exposure_of

_THUMBNAIL = 256


@dataclass(frozen=True)
class Shot:
    """One photograph among those of a card; None for what its file does not tell.

    Attributes:
        path: The file.
        stops: Logarithm to base 2 of the exposure: time times sensitivity over the square of the aperture.
        taken: Seconds on the camera's clock.
        duration: Exposure time in seconds.
        camera: Its model, and the size of the picture whichever way up.
        bracketing: Whether the camera says that it was bracketing.
        offset: By how many stops it says that it exposed more than measured, for the bracket.
        number: Which shot of its series it says this is.
        result: Whether `hdr-fuse` wrote the file.
    """

    path: Path
    stops: float | None = None
    taken: float | None = None
    duration: float = 0.0
    camera: str = ""
    bracketing: bool | None = None
    offset: float | None = None
    number: int | None = None
    result: bool = False

    @property
    def detail(self) -> Detail | None:
        """What its pixels show, decoded once; None where they cannot be read."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return _detail(self.path, status.st_mtime_ns, status.st_size)


def read_shot(path: Path) -> Shot:
    """What a file tells; a file that cannot be read tells nothing, and is named when it is fused."""
    try:
        exif, header = read_exif(path), read_header(path)
    except Exception:  # of any type, and of no matter here
        return Shot(path)
    inner = exif.get_ifd(IFD.Exif)
    light = exposure_of(exif)
    return Shot(
        path,
        None if light is None else math.log2(light),
        _taken(inner, exif),
        0.0 if light is None else float(inner[Base.ExposureTime]),
        f"{exif.get(Base.Model, '')} {sorted(header[:2])}",
        *sequence_of(exif),
        is_result(exif) if exif else is_result_file(path),
    )


def _taken(inner: dict[int, Any], exif: Image.Exif) -> float | None:
    said = str(inner.get(Base.DateTimeOriginal) or exif.get(Base.DateTime) or "").strip("\0 ")
    part = str(inner.get(Base.SubsecTimeOriginal) or "").strip("\0 ")
    try:
        moment = datetime.strptime(said, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return (moment - datetime(1970, 1, 1)).total_seconds() + (float(f"0.{part}") if part.isdecimal() else 0.0)


@lru_cache(maxsize=512)
def _detail(path: Path, *_version: int) -> Detail | None:
    try:
        return detail(_small(path))
    except Exception:
        return None


def _small(path: Path) -> np.ndarray:
    """A photograph in a size that is quick to decode, as stored."""
    kind = kind_of(path)
    if kind == "JPEG":
        with pillow.opened(path, kind) as picture:
            picture.draft("L", (_THUMBNAIL, _THUMBNAIL))
            return np.asarray(picture.convert("L"))
    if kind == RAW or is_raw(path):
        return raw.thumbnail(path)
    return read_picture(path, orientation=1).pixels
