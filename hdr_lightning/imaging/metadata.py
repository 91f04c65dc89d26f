"""EXIF and colour profile of a photograph, read from one file and attached to the bytes of another.

OpenCV writes 16 bits and no metadata, Pillow metadata and no 16 bits of colour: so the pixels stay as they
were encoded, and the metadata is put before or behind them.
"""

import struct
import warnings
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

_ICC = 34675
_SIZES = {ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight}
_KEPT = {
    *(ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software),
    *(ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit),
    *(ExifTags.Base.DateTime, ExifTags.Base.Artist, ExifTags.Base.HostComputer, ExifTags.Base.Copyright),
    *(ExifTags.Base.Rating, ExifTags.Base.RatingPercent),
    *(ExifTags.Base.XPTitle, ExifTags.Base.XPComment, ExifTags.Base.XPAuthor),
    *(ExifTags.Base.XPKeywords, ExifTags.Base.XPSubject),
}
"""Tags that describe the photograph. The others describe how its file, or a thumbnail in it, is stored."""
_SUB_FOLDERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_SEGMENT = 65533
"""Most bytes that a segment of a JPEG file can hold."""


class Metadata(NamedTuple):
    """What a file says of its photograph, ready to attach; empty where it says nothing.

    Attributes:
        exif: A small TIFF file, as EXIF is stored everywhere. Orientation and sizes are left out: the pixels
            are upright, and every image format has its own size.
        icc: The colour profile of RGB pixels.
    """

    exif: bytes = b""
    icc: bytes = b""


NOTHING = Metadata()


def read_metadata(path: Path) -> Metadata:
    """The EXIF and colour profile of an image file; what cannot be read is left out with a warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("JPEG", "PNG", "TIFF")) as picture:
                icc = picture.info.get("icc_profile") or b""
                exif = _described(picture.getexif())
    except Exception as error:  # metadata comes from any program there ever was, and no image is lost with it
        warnings.warn(f"Expected readable metadata. Got {path}: left out ({error})", stacklevel=2)
        return NOTHING
    # profiles of gray and CMYK photographs do not fit: their pixels have become RGB
    return Metadata(exif, icc if icc[16:20] == b"RGB " else b"")


def attach(encoded: bytes, metadata: Metadata) -> bytes:
    """Put metadata into the bytes of a JPEG, PNG or TIFF file that has none, without touching its pixels."""
    if not any(metadata):
        return encoded
    if encoded.startswith(b"\xff\xd8"):
        return _into_jpeg(encoded, metadata)
    if encoded.startswith(b"\x89PNG"):
        return _into_png(encoded, metadata)
    return _into_tiff(encoded, metadata)


def _described(exif: Image.Exif) -> bytes:
    kept = Image.Exif()
    kept.update({tag: _text(value) for tag, value in exif.items() if tag in _KEPT})
    for folder in _SUB_FOLDERS:
        if inner := {tag: value for tag, value in exif.get_ifd(folder).items() if tag not in _SIZES}:
            kept[folder] = inner
    described: bytes = kept.tobytes()
    return described.removeprefix(b"Exif\0\0") if len(kept) else b""


def _into_jpeg(encoded: bytes, metadata: Metadata) -> bytes:
    segments = []
    if metadata.exif:
        exif = b"Exif\0\0" + _shortened(metadata.exif, _SEGMENT - 6)
        segments.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    step = _SEGMENT - 14
    parts = [metadata.icc[start : start + step] for start in range(0, len(metadata.icc), step)]
    for number, part in enumerate(parts, start=1):
        head = b"ICC_PROFILE\0" + bytes([number, len(parts)])
        segments.append(b"\xff\xe2" + struct.pack(">H", len(head) + len(part) + 2) + head + part)
    # behind the start of the image and the JFIF segment, which has to be the first
    begin = 4 + struct.unpack(">H", encoded[4:6])[0] if encoded[2:4] == b"\xff\xe0" else 2
    return encoded[:begin] + b"".join(segments) + encoded[begin:]


def _shortened(exif: bytes, limit: int) -> bytes:
    """The EXIF without the camera maker's own notes where they are too long for the file."""
    if len(exif) <= limit:
        return exif
    whole = Image.Exif()
    whole.load(exif)
    whole.get_ifd(ExifTags.IFD.Exif).pop(ExifTags.Base.MakerNote, None)
    shorter = _described(whole)
    return shorter if len(shorter) <= limit else b""


def _into_png(encoded: bytes, metadata: Metadata) -> bytes:
    chunks = b""
    if metadata.icc:
        chunks += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc))
    if metadata.exif:
        chunks += _chunk(b"eXIf", metadata.exif)
    begin = 33  # behind the signature and the header
    return encoded[:begin] + chunks + encoded[begin:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _into_tiff(encoded: bytes, metadata: Metadata) -> bytes:
    """Append the new tags with their values, and a table of the old and the new ones: nothing else moves."""
    table: Any = TiffImagePlugin.ImageFileDirectory_v2(encoded[:8])
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for tag, value in exif.items():
            table[tag] = exif.get_ifd(tag) if tag in _SUB_FOLDERS else _text(value)
    if metadata.icc:
        table.tagtype[_ICC] = TiffTags.UNDEFINED
        table[_ICC] = metadata.icc
    order = "<" if encoded.startswith(b"II") else ">"
    begin = int(struct.unpack(order + "I", encoded[4:8])[0])
    entries = _entries(encoded[begin:], order)
    whole = encoded + b"\0" * (len(encoded) % 2)
    added: bytes = table.tobytes(len(whole))
    entries |= _entries(added, order)
    whole += added + b"\0" * (len(added) % 2)
    end = struct.pack(order + "I", 0)
    listed = struct.pack(order + "H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + end
    return whole[:4] + struct.pack(order + "I", len(whole)) + whole[8:] + listed


def _entries(table: bytes, order: str) -> dict[int, bytes]:
    """The entries of 12 bytes of a table of tags, by tag."""
    count = struct.unpack(order + "H", table[:2])[0]
    raw = [table[start : start + 12] for start in range(2, 2 + 12 * count, 12)]
    return {struct.unpack(order + "H", entry[:2])[0]: entry for entry in raw}


def _text(value: Any) -> Any:
    """Text as the bytes that Pillow read it from, which it would write with question marks for umlauts."""
    return value.encode("latin-1", "replace") if isinstance(value, str) else value
