"""JPEG XL: pixels of 8 to 32 bits by imagecodecs, profile and EXIF by the plugin of Pillow."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.extras import wanted
from hdr_lightning.imaging.samples import Samples

_RATIOS = (None, (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZES = (9, 13, 18, 30)


class JxlFile(NamedTuple):
    """A decoded file: its samples, upright, and its EXIF."""

    samples: Samples
    exif: bytes


def size(path: Path) -> tuple[int, int]:
    """Height and width as stored, from the first bytes of the code stream (ISO 18181-1, SizeHeader)."""
    stream = _code_stream(path.read_bytes())
    bits = _Bits(stream[2:14])
    small = bits.take(1)
    height = 8 * (bits.take(5) + 1) if small else bits.take(_SIZES[bits.take(2)]) + 1
    ratio = _RATIOS[bits.take(3)]
    if ratio is not None:
        return height, height * ratio[0] // ratio[1]
    return height, 8 * (bits.take(5) + 1) if small else bits.take(_SIZES[bits.take(2)]) + 1


def read(path: Path) -> JxlFile:
    """The samples, which the decoder has turned upright.

    Raises:
        InputError: The extra is missing, or the image has several frames or other channels.
    """
    decoder = wanted("pillow_jxl", "jxl", path)
    import imagecodecs

    content = path.read_bytes()
    values = np.asarray(imagecodecs.jpegxl_decode(content, index=0))
    _, info, _, profile, boxes = decoder.Decoder(num_threads=1)(content)
    exif = next((_from_tiff(bytes(box.data)) for box in boxes if bytes(box.box_type) == b"Exif"), b"")
    values, alpha = _apart(values, bool(info.has_alpha_channel), path)
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    space = "gray" if values.ndim == 2 else "rgb"
    return JxlFile(Samples(values, space, alpha, profile=bytes(profile or b"")), exif)  # type: ignore[arg-type]


def _from_tiff(content: bytes) -> bytes:
    """EXIF from where its TIFF begins: behind four bytes, or not."""
    return content if content[:4] in (b"II*\0", b"MM\0*") else content[4:]


def _apart(values: np.ndarray, has_alpha: bool, path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    if values.ndim == 2:
        return values, None
    channels = values.shape[-1]
    if values.ndim != 3 or channels - has_alpha not in (1, 3):
        raise InputError(f"Expected gray or RGB. Got {path} with pixels of the shape {values.shape}")
    colours = values[..., : channels - has_alpha]
    return colours[..., 0] if colours.shape[-1] == 1 else colours, values[..., -1] if has_alpha else None


def _code_stream(content: bytes) -> bytes:
    """What follows the header of the first box that holds code."""
    if content[:2] == b"\xff\x0a":
        return content
    place = 0
    while place + 8 <= len(content):
        length, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        begin = place + 8
        if length == 1:
            length, begin = int.from_bytes(content[place + 8 : place + 16], "big"), place + 16
        if kind in (b"jxlc", b"jxlp"):
            return content[begin + (4 if kind == b"jxlp" else 0) :]
        if length < 8:
            break
        place += length
    return b""


class _Bits:
    """Numbers of some bits each, the lowest first."""

    def __init__(self, content: bytes) -> None:
        self._rest: Any = int.from_bytes(content, "little")

    def take(self, count: int) -> int:
        found = int(self._rest & ((1 << count) - 1))
        self._rest >>= count
        return found
