"""Metadata put into the bytes of a file that has none.

OpenCV writes 16 bits and no metadata, Pillow metadata and no 16 bits of colour: so the pixels stay as they
were encoded, and the metadata is put before or behind them.
"""

import struct
import zlib
from typing import Any

from PIL import Image, TiffImagePlugin, TiffTags
from PIL.ExifTags import IFD, Base

from hdr_lightning.imaging.metadata import Metadata, described, text

_ICC, _XMP, _IPTC, _EXTRA_SAMPLES = 34675, 700, 33723, 338
_UNASSOCIATED = 2
_SUB_FOLDERS = (IFD.Exif, IFD.GPSInfo)
_SEGMENT = 65533
"""Most bytes that a segment of a JPEG file can hold."""
_XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_JFIF_UNITS, _PER_CM, _INCH = {1: 0, 2: 1, 3: 2}, 3, 0.0254


def attach(encoded: bytes, metadata: Metadata, opacity: bool = False) -> bytes:
    """Put metadata into the bytes of a JPEG, PNG or TIFF file that has none, without touching its pixels.

    Args:
        encoded: The file.
        metadata: What to say.
        opacity: Whether the last of four channels is opacity, which OpenCV does not tell in TIFF.
    """
    if not any(metadata) and not (opacity and encoded.startswith((b"II", b"MM"))):
        return encoded
    if encoded.startswith(b"\xff\xd8"):
        return _into_jpeg(encoded, metadata)
    if encoded.startswith(b"\x89PNG"):
        return _into_png(encoded, metadata)
    return _into_tiff(encoded, metadata, opacity)


def _into_jpeg(encoded: bytes, metadata: Metadata) -> bytes:
    segments = []
    if exif := _shortened(metadata.exif, _SEGMENT - 6):
        segments.append(_segment(0xE1, b"Exif\0\0" + exif))
    if metadata.xmp and len(metadata.xmp) <= _SEGMENT - len(_XMP_HEAD):
        segments.append(_segment(0xE1, _XMP_HEAD + metadata.xmp))
    step = _SEGMENT - 14
    parts = [metadata.icc[start : start + step] for start in range(0, len(metadata.icc), step)]
    for number, part in enumerate(parts, start=1):
        segments.append(_segment(0xE2, b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part))
    if metadata.iptc and len(metadata.iptc) <= _SEGMENT - 32:
        segments.append(_segment(0xED, b"Photoshop 3.0\0" + _resource(metadata.iptc)))
    # behind the start of the image and the JFIF segment, which has to be the first
    has_jfif = encoded[2:4] == b"\xff\xe0"
    begin = 4 + struct.unpack(">H", encoded[4:6])[0] if has_jfif else 2
    head = _with_density(encoded[:begin], metadata.exif) if has_jfif else encoded[:begin]
    return head + b"".join(segments) + encoded[begin:]


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _resource(iptc: bytes) -> bytes:
    """IPTC as a resource of Photoshop, the form in which JPEG and PNG hold it."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def _with_density(head: bytes, exif: bytes) -> bytes:
    """The head of a JPEG with the pixels per inch or centimetre that EXIF tells, or as it was."""
    across, down, unit = _density(exif)
    if not across or max(across, down) > 65535:
        return head
    return head[:13] + struct.pack(">BHH", _JFIF_UNITS.get(unit, 0), round(across), round(down)) + head[18:]


def _density(exif: bytes) -> tuple[float, float, int]:
    """Pixels across and down per unit (2: inch, 3: centimetre); zeros where EXIF does not tell."""
    whole = Image.Exif()
    if exif:
        whole.load(exif)
    across, down = (float(whole.get(tag) or 0) for tag in (Base.XResolution, Base.YResolution))
    return across, down or across, int(whole.get(Base.ResolutionUnit) or 2)


def _shortened(exif: bytes, limit: int) -> bytes:
    """The EXIF without the camera maker's own notes where they are too long for the file."""
    if len(exif) <= limit:
        return exif
    whole = Image.Exif()
    whole.load(exif)
    whole.get_ifd(IFD.Exif).pop(Base.MakerNote, None)
    shorter = described(whole)
    return shorter if len(shorter) <= limit else b""


def _into_png(encoded: bytes, metadata: Metadata) -> bytes:
    chunks = b""
    if metadata.icc:
        chunks += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc))
    across, down, unit = _density(metadata.exif)
    if across:
        metres = 0.01 if unit == _PER_CM else _INCH
        chunks += _chunk(b"pHYs", struct.pack(">IIB", round(across / metres), round(down / metres), 1))
    if metadata.exif:
        chunks += _chunk(b"eXIf", metadata.exif)
    if metadata.xmp:
        chunks += _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp)
    if metadata.iptc:
        chunks += _chunk(b"tEXt", b"Raw profile type iptc\0" + _in_hexadecimal(_resource(metadata.iptc)))
    begin = 33  # behind the signature and the header
    return encoded[:begin] + chunks + encoded[begin:]


def _in_hexadecimal(content: bytes) -> bytes:
    """As ImageMagick began it and Exiv2 and ExifTool read it: name, length, lines of 72 characters."""
    words = content.hex()
    lines = [words[start : start + 72] for start in range(0, len(words), 72)]
    return f"\niptc\n{len(content):8d}\n".encode() + "\n".join(lines).encode() + b"\n"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _into_tiff(encoded: bytes, metadata: Metadata, opacity: bool) -> bytes:
    """Append the new tags with their values, and a table of the old and the new ones: nothing else moves."""
    table: Any = TiffImagePlugin.ImageFileDirectory_v2(encoded[:8])
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for tag, value in exif.items():
            inner = exif.get_ifd(tag) if tag in _SUB_FOLDERS else {}
            table[tag] = {key: text(own) for key, own in inner.items()} if inner else text(value)
    for tag, kind, value in (
        (_ICC, TiffTags.UNDEFINED, metadata.icc),
        (_XMP, TiffTags.BYTE, metadata.xmp),
        (_IPTC, TiffTags.UNDEFINED, metadata.iptc),
    ):
        if value:
            table.tagtype[tag] = kind
            table[tag] = value
    if opacity:
        table[_EXTRA_SAMPLES] = (_UNASSOCIATED,)
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
