"""MakerNotes written byte by byte, in the layouts that https://exiftool.org/TagNames publishes."""

import struct
from collections.abc import Mapping

from PIL import Image

SHORT, LONG, SIGNED_FRACTION, FOLDER = 3, 4, 10, 13
_CODES = {SHORT: "H", LONG: "L", SIGNED_FRACTION: "l", FOLDER: "L"}


def folder(tags: Mapping[int, tuple[int, list[int]]], at: int, order: str = "<") -> bytes:
    """A TIFF folder that lies at a place from which the offsets of its long values count."""
    entries, values = b"", b""
    behind = at + 2 + 12 * len(tags) + 4
    for tag, (kind, numbers) in sorted(tags.items()):
        data = struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)
        count = len(numbers) // (2 if kind == SIGNED_FRACTION else 1)
        if len(data) > 4:
            place = struct.pack(f"{order}L", behind + len(values))
            values += data
        else:
            place = data.ljust(4, b"\0")
        entries += struct.pack(f"{order}HHL", tag, kind, count) + place
    return struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + values


def canon(offset: float, mode: int = 1, place: int = 0) -> bytes:
    """FileInfo: its size, FileNumber, BracketMode, BracketValue in 32nds; and where the note was."""
    info = [14, 0, 0, mode, round(32 * offset) % 65536, 0, 0]
    long_before = {0x0001: (SHORT, [0] * 47), 0x0093: (SHORT, info), 0x0095: (LONG, [0] * 9)}
    return folder(long_before, place) + b"II*\0" + struct.pack("<L", place)


def nikon(offset: float, mode: int = 0x10, order: str = "<") -> bytes:
    """ExposureBracketValue in sixths and ShootingMode, behind a TIFF header of its own."""
    tags = {0x0019: (SIGNED_FRACTION, [round(6 * offset), 6]), 0x0089: (SHORT, [mode])}
    header = b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08"
    return b"Nikon\0\2\x10\0\0" + header + folder(tags, 8, order)


def sony(number: int, mode: int = 5) -> bytes:
    """ReleaseMode and SequenceNumber, without a header as in newer models."""
    return folder({0xB049: (SHORT, [mode]), 0xB04A: (SHORT, [number])}, 0)


def fujifilm(number: int, mode: int = 1) -> bytes:
    """AutoBracketing and SequenceNumber."""
    tags = {0x1100: (SHORT, [mode]), 0x1101: (SHORT, [number])}
    return b"FUJIFILM\x0c\0\0\0" + folder(tags, 12)


def panasonic(number: int, mode: int = 2) -> bytes:
    """BurstMode and SequenceNumber."""
    return b"Panasonic\0\0\0" + folder({0x002A: (SHORT, [mode]), 0x002B: (LONG, [number])}, 12)


def olympus(number: int, mode: int = 5, kinds: int = 1) -> bytes:
    """DriveMode in the folder CameraSettings."""
    start = 12 + 2 + 12 + 4
    inner = folder({0x0600: (SHORT, [mode, number, kinds, 0, 0])}, start)
    return b"OLYMPUS\0II\x03\0" + folder({0x2020: (FOLDER, [start])}, 12) + inner


MAKES = {
    "Canon": canon,
    "NIKON CORPORATION": nikon,
    "SONY": sony,
    "FUJIFILM": fujifilm,
    "Panasonic": panasonic,
    "OLYMPUS CORPORATION": olympus,
}


def noted(make: str, note: bytes, mode: int | None = None) -> Image.Exif:
    """The EXIF of a photograph with a MakerNote, and with ExposureMode."""
    exif = Image.Exif()
    exif.endian = "<"
    exif[0x010F], exif[0x0110] = make, f"{make} 5"
    exif.get_ifd(0x8769)[0x927C] = note
    if mode is not None:
        exif.get_ifd(0x8769)[0xA402] = mode
    return exif
