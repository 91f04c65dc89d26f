"""What a camera notes of its bracket: whether it was bracketing, by how many stops, and which shot this is.

EXIF knows only the first, and not of every camera: Canon writes *manual* for a bracket in manual mode. The
rest is in the MakerNote, a TIFF folder behind a header of each maker's own. Only the tags asked for are read,
which takes a fraction of a millisecond; general readers take up to a hundred. Tags and layouts are those of
https://exiftool.org/TagNames.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image
from PIL.ExifTags import IFD, Base

_AUTO_BRACKET = 2
_FORMATS = {1: "B", 3: "H", 4: "L", 8: "h", 9: "l", 10: "ll", 13: "L"}


class Sequence(NamedTuple):
    """What is known of the bracket of a shot; None for what is not noted.

    Attributes:
        bracketing: Whether the camera was bracketing exposures.
        offset: By how many stops it exposed this shot more than measured.
        number: Which shot of its series this is.
    """

    bracketing: bool | None = None
    offset: float | None = None
    number: int | None = None


class _Folder:
    """A TIFF folder of which only the tags asked for are read.

    Args:
        note: The whole MakerNote.
        start: Where the folder begins.
        shift: Where in the note its offsets count from.
    """

    def __init__(self, note: bytes, start: int, shift: int) -> None:
        self.note, self.shift = note, shift
        self.order = "<" if note[start + 1] == 0 else ">"  # no camera writes 256 tags
        (count,) = struct.unpack_from(f"{self.order}H", note, start)
        places = range(start + 2, start + 2 + 12 * count, 12)
        self.places = {struct.unpack_from(f"{self.order}H", note, place)[0]: place for place in places}

    def __getitem__(self, tag: int) -> tuple[int, ...]:
        """The numbers of a tag, two for each fraction; none where it is absent."""
        if tag not in self.places:
            return ()
        place = self.places[tag]
        kind, count, offset = struct.unpack_from(f"{self.order}HLL", self.note, place + 2)
        code = _FORMATS[kind]
        size = count * struct.calcsize(f"={code}")
        at = place + 8 if size <= 4 else offset + self.shift
        if at < 0 or at + size > len(self.note):
            raise ValueError(f"tag {tag} lies outside of the note")
        return struct.unpack_from(f"{self.order}{count * len(code)}{code[0]}", self.note, at)


def sequence_of(exif: Image.Exif) -> Sequence:
    """What EXIF and the MakerNote in it say; a note that is broken or of no known maker says nothing."""
    inner = exif.get_ifd(IFD.Exif)
    try:
        noted = _read(bytes(inner.get(Base.MakerNote) or b""), str(exif.get(Base.Make) or ""))
    except Exception:  # notes are undocumented, moved and cut off, and no photograph is lost with one
        noted = Sequence()
    mode = inner.get(Base.ExposureMode)
    if noted.bracketing or mode is None:
        return noted
    return Sequence(mode == _AUTO_BRACKET)


def _read(note: bytes, make: str) -> Sequence:
    for header, start, shift, read in _HEADERS:
        if note.startswith(header):
            return read(_Folder(note, start, shift))
    if make.startswith("SONY"):
        return _sony(_Folder(note, 0, 0))
    if make.startswith("Canon") and note[-8:-4] in (b"II*\0", b"MM\0*"):
        # at its end is where it was in the file, from where its offsets count, wherever it is now
        (place,) = struct.unpack("<L" if note[-8:-6] == b"II" else ">L", note[-4:])
        return _canon(_Folder(note, 0, -place))
    return Sequence()


def _canon(folder: _Folder) -> Sequence:
    info = folder[0x0093]  # FileInfo: its own size, ..., BracketMode, BracketValue
    if len(info) < 5 or info[0] != 2 * len(info):
        return Sequence()
    thirty_seconds = (info[4] + 0x8000) % 0x10000 - 0x8000
    return Sequence(True, thirty_seconds / 32) if info[3] in (1, 3) else Sequence(False)


def _nikon(folder: _Folder) -> Sequence:
    mode, value = folder[0x0089], folder[0x0019]  # ShootingMode, ExposureBracketValue
    if not mode:
        return Sequence()
    if mode[0] & 0x150 != 0x10:  # white balance and lighting set a bit more
        return Sequence(False)
    return Sequence(True, value[0] / value[1] if len(value) == 2 and value[1] else None)


def _sony(folder: _Folder) -> Sequence:
    return _counted(folder[0xB049], 5, folder[0xB04A])  # ReleaseMode, SequenceNumber


def _fujifilm(folder: _Folder) -> Sequence:
    return _counted(folder[0x1100], 1, folder[0x1101])  # AutoBracketing, SequenceNumber


def _panasonic(folder: _Folder) -> Sequence:
    return _counted(folder[0x002A], 2, folder[0x002B])  # BurstMode, SequenceNumber


def _olympus(folder: _Folder) -> Sequence:
    for start in folder[0x2020]:  # CameraSettings
        drive = _Folder(folder.note, start, folder.shift)[
            0x0600
        ]  # DriveMode: mode, shot, kinds of bracketing
        kinds = drive[2] if len(drive) > 2 else 0
        exposure = bool(drive) and (drive[0] in (2, 4) or (drive[0] == 5 and kinds & 0b110001 != 0))
        return _counted((int(exposure),) if drive else (), 1, drive[1:2])
    return Sequence()


def _counted(mode: tuple[int, ...], bracketing: int, number: tuple[int, ...]) -> Sequence:
    """Of cameras that number the shots of a series from 1 on; 0 and 65535 stand for none."""
    if not mode or mode[0] == 0xFFFF:
        return Sequence()
    if mode[0] != bracketing:
        return Sequence(False)
    return Sequence(True, None, number[0] if number and 0 < number[0] < 0xFFFF else None)


_HEADERS: tuple[tuple[bytes, int, int, Callable[[_Folder], Sequence]], ...] = (
    (b"Nikon\0\2", 18, 10, _nikon),
    (b"FUJIFILM", 12, 0, _fujifilm),
    (b"Panasonic\0", 12, 0, _panasonic),
    (b"OLYMPUS\0", 12, 0, _olympus),
    (b"OM SYSTEM\0", 16, 0, _olympus),
    (b"SONY ", 12, 0, _sony),
)
"""How notes begin; where the folder does, and where its offsets count from; who reads it."""
