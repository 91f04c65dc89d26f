"""The container of Ultra HDR: a JPEG, behind it the JPEG of its gain map, and what tells readers of both.

Written after the public descriptions, Ultra HDR Image Format 1.1 (XMP, for readers from 2023 on) and ISO
21496-1 (binary, for those of today), inside a Multi-Picture file (CIPA DC-007). libultrahdr, as packages for
Python have it, makes its own base by tone mapping or tells of the map in one way only.
"""

import re
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from hdr_lightning.errors import InputError

_XMP_HEAD, _ISO_HEAD = b"http://ns.adobe.com/xap/1.0/\0", b"urn:iso:std:iso:ts:21496:-1\0"
_APP0, _APP1, _APP2, _APP15 = 0xE0, 0xE1, 0xE2, 0xEF
_MOST = 65533
_PRIMARY, _BASE_COLOURS = 0x030000, 0x40
_DESCRIBED = re.compile(rb"</rdf:RDF>")
_CONTAINER = """<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
 xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/" hdrgm:Version="1.0">
<Container:Directory><rdf:Seq>
<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li>
<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg"
 Item:Length="{length}"/></rdf:li>
</rdf:Seq></Container:Directory></rdf:Description>"""
_GAINS = """<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
 hdrgm:Version="1.0" hdrgm:BaseRenditionIsHDR="False" hdrgm:Gamma="1"
 hdrgm:GainMapMin="{lowest:.6f}" hdrgm:GainMapMax="{highest:.6f}"
 hdrgm:OffsetSDR="{offset:.6f}" hdrgm:OffsetHDR="{offset:.6f}"
 hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="{headroom:.6f}"/>"""
_PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{described}</rdf:RDF></x:xmpmeta>"""


class Gains(NamedTuple):
    """How the values of a gain map are meant: logarithms, base 2, except the offset in linear light."""

    lowest: float
    highest: float
    headroom: float
    offset: float


def join(base: bytes, gain_map: bytes, gains: Gains) -> bytes:
    """One file of a picture and its gain map, both JPEG: the pixels of both and the base's metadata stay.

    Raises:
        InputError: The XMP of the base leaves no room for that of the container.
    """
    iso = _segment(_APP2, _ISO_HEAD + _iso(gains))
    own = _PACKET.format(described=_GAINS.format(**gains._asdict())).encode()
    second = gain_map[:2] + _segment(_APP1, _XMP_HEAD + own) + iso + gain_map[2:]
    described = _CONTAINER.format(length=len(second)).encode()
    segments, begin = [*_segments(base)], sum(len(segment) for segment in _segments(base)) + 2
    packets = [segment for segment in segments if segment[4:].startswith(_XMP_HEAD)]
    kept = b"".join(segment for segment in segments if segment not in packets)
    packet = _with(packets[0][4 + len(_XMP_HEAD) :] if packets else b"", described)
    if len(packet) > _MOST - len(_XMP_HEAD):
        raise InputError(
            "Expected XMP that leaves room for the description of a gain map. Got too much of it"
        )
    version = _segment(_APP2, _ISO_HEAD + bytes(4))
    head = base[:2] + kept + _segment(_APP1, _XMP_HEAD + packet) + version
    rest = base[begin:]
    first = len(head) + len(_index(0, 0, 0)) + len(rest)
    return head + _index(first, len(second), first - len(head) - 8) + rest + second


def _segments(jpeg: bytes) -> Iterator[bytes]:
    """The application segments at the start of a JPEG file."""
    place = 2
    while jpeg[place] == 0xFF and _APP0 <= jpeg[place + 1] <= _APP15:
        end = place + 2 + int(struct.unpack(">H", jpeg[place + 2 : place + 4])[0])
        yield jpeg[place:end]
        place = end


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _with(packet: bytes, described: bytes) -> bytes:
    """An XMP packet with one more description; a new one where there is none."""
    ends = [*_DESCRIBED.finditer(packet)]
    if not ends:
        return _PACKET.format(described=described.decode()).encode()
    return packet[: ends[-1].start()] + described + packet[ends[-1].start() :]


def _iso(gains: Gains) -> bytes:
    """The metadata of ISO 21496-1, annex C: one channel's worth, with the colours of the base."""
    signed = [gains.lowest, gains.highest]
    numbers = [(0, 1), _fraction(gains.headroom)]
    rest = [*map(_fraction, signed), (1, 1), _fraction(gains.offset), _fraction(gains.offset)]
    pairs = [struct.pack(">iI", *pair) for pair in (*numbers, *rest)]
    return struct.pack(">HHB", 0, 0, _BASE_COLOURS) + b"".join(pairs)


def _fraction(value: float) -> tuple[int, int]:
    close = Fraction(value).limit_denominator(1 << 20)
    return close.numerator, close.denominator


def _index(first: int, second: int, offset: int) -> bytes:
    """The index of a Multi-Picture file; the offset of the second picture counts from its endian mark."""
    entries = struct.pack(">IIIHH", _PRIMARY, first, 0, 0, 0) + struct.pack(">IIIHH", 0, second, offset, 0, 0)
    table = struct.pack(">4sIH", b"MM\0*", 8, 3)
    table += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    table += struct.pack(">HHII", 0xB001, 4, 1, 2)
    table += struct.pack(">HHIII", 0xB002, 7, len(entries), 50, 0)
    return _segment(_APP2, b"MPF\0" + table + entries)
