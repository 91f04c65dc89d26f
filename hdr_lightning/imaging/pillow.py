"""Files that Pillow opens: JPEG, PNG, WebP, BMP, JPEG 2000, AVIF and HEIC, and the 8-bit TIFFs left to it."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from PIL.ExifTags import IFD, Base

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.extras import wanted
from hdr_lightning.imaging.samples import Samples, Space

# OpenCV would tell of odd chunks in PNG files, line by line; what is wrong with a file is told once, by us.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

_FORMATS = {"WebP": "WEBP", "JPEG 2000": "JPEG2000", "HEIC": "HEIF"}
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_GRAY_MODES = frozenset({"1", "L", "LA", "La"})
_SPACES: dict[str, Space] = {"L": "gray", "RGB": "rgb", "CMYK": "cmyk"}
_PNG_DEPTH, _PNG_COLOURS, _GRAY_WITH_OPACITY = 24, 25, 4  # where the chunk IHDR has them, and one of these
_PLAIN_GAMMA = 1 / 2.2
_FOR_HDR_SCREENS = {16: "PQ", 18: "HLG"}
_INTEROP_INDEX, _ADOBE = 1, "R03"  # of the Design rule for Camera File systems


@contextmanager
def opened(path: Path, kind: str) -> Iterator[Image.Image]:
    """A picture that Pillow has opened and not decoded, of any size; Pillow's warnings are not passed on."""
    if kind == "HEIC":
        wanted("pillow_heif", "heif", path).register_heif_opener(thumbnails=False)
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit counts
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata that does not concern the pixels
            with Image.open(path, formats=(_FORMATS.get(kind, kind),)) as picture:
                yield picture
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def depth(picture: Image.Image, path: Path) -> int:
    """Bits of a sample as stored."""
    if picture.format == "PNG":
        with path.open("rb") as stream:
            return max(stream.read(_PNG_DEPTH + 1)[_PNG_DEPTH], 8)
    if picture.format == "HEIF":
        return int(picture.info.get("bit_depth") or 8)
    if picture.format == "AVIF":
        return _avif_depth(path.read_bytes())
    if picture.format == "JPEG2000":
        return _jpeg_2000_depth(path.read_bytes())
    return 16 if picture.mode.startswith("I;16") else 8


def orientation(picture: Image.Image) -> int:
    """As EXIF counts, 1 to 8."""
    found = picture.getexif().get(Base.Orientation, 1)
    return int(found) if found in range(1, 9) else 1


def read(picture: Image.Image, path: Path) -> Samples:
    """The samples of an opened picture."""
    bits = depth(picture, path)
    # Pillow is strict about truncated files but reduces 16-bit colour to 8 bits: other decoders read those.
    picture.load()
    if picture.format == "PNG":  # whose checksums it looks at only when asked
        with opened(path, "PNG") as again:
            again.verify()
    values, space, alpha = _shallow(picture) if bits == 8 else _deep(picture, path, bits)
    return Samples(values, space, alpha, False, _profile(picture, space, path), orientation(picture))


def _shallow(picture: Image.Image) -> tuple[np.ndarray, Space, np.ndarray | None]:
    if picture.mode in _ALPHA_MODES or "transparency" in picture.info:
        if picture.mode in _GRAY_MODES:
            gray, alpha = np.moveaxis(np.asarray(picture.convert("LA")), -1, 0)
            return gray, "gray", alpha
        whole = np.asarray(picture.convert("RGBA"))
        return whole[..., :3], "rgb", whole[..., 3]
    mode = picture.mode if picture.mode in _SPACES else "L" if picture.mode in _GRAY_MODES else "RGB"
    converted = picture if picture.mode == mode else picture.convert(mode)
    return np.asarray(converted), _SPACES[mode], None


def _deep(picture: Image.Image, path: Path, bits: int) -> tuple[np.ndarray, Space, np.ndarray | None]:
    """Values of more than 8 bits as 16 bits."""
    if picture.format == "HEIF":
        values = np.asarray(_heif(path))
    elif picture.format == "PNG":
        values = _deep_png(path)
        if values.ndim == 2 and "transparency" in picture.info:  # one gray that is not there
            shown = np.where(values == picture.info["transparency"], 0, 65535).astype(np.uint16)
            values = np.dstack([values, shown])
    else:
        values = _widened(_decoded(picture, path), bits)
    if values.ndim == 3 and values.shape[2] in (2, 4):
        values, alpha = values[..., :-1], values[..., -1]
    else:
        alpha = None
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    return values, "gray" if values.ndim == 2 else "rgb", alpha


def _deep_png(path: Path) -> np.ndarray:
    content = np.fromfile(path, np.uint8)
    values = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16:
        raise InputError(f"Expected a readable image of 16 bits. Got {path}")
    if content[_PNG_COLOURS] == _GRAY_WITH_OPACITY:  # of which OpenCV makes colours
        return values[..., [0, -1]]
    return values if values.ndim == 2 else values[..., [2, 1, 0, 3][: values.shape[2]]]


def _heif(path: Path) -> Any:
    heif = wanted("pillow_heif", "heif", path)
    return heif.open_heif(path, convert_hdr_to_8bit=False)


def _decoded(picture: Image.Image, path: Path) -> np.ndarray:
    import imagecodecs

    content = path.read_bytes()
    decode = imagecodecs.avif_decode if picture.format == "AVIF" else imagecodecs.jpeg2k_decode
    return np.asarray(decode(content))


def _widened(values: np.ndarray, bits: int) -> np.ndarray:
    most = 2**bits - 1
    if bits == 16:
        return values
    return np.asarray(((values.astype(np.uint32) * 65535 + most // 2) // most).clip(0, 65535), np.uint16)


def _avif_depth(content: bytes) -> int:
    """From the box av1C (AV1 Codec ISO Media File Format Binding, 2.3.3)."""
    place = content.find(b"av1C")
    flags = content[place + 6] if 0 <= place < len(content) - 6 else 0
    return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10


def _jpeg_2000_depth(content: bytes) -> int:
    """From the marker SIZ (ISO 15444-1, A.5.1)."""
    place = content.find(b"\xff\x4f\xff\x51")
    stored = content[place + 42] if 0 <= place < len(content) - 42 else 7
    return max((stored & 0x7F) + 1, 8)


def _profile(picture: Image.Image, space: Space, path: Path) -> bytes:
    """The profile of a picture: embedded, or said in another way."""
    embedded: bytes = picture.info.get("icc_profile") or b""
    if embedded or space != "rgb":
        return embedded or _by_gamma(picture, space)
    if picture.format in ("AVIF", "HEIF"):
        return _by_numbers(path)
    return dcf_profile(picture.getexif()) or _by_gamma(picture, space)


def dcf_profile(exif: Image.Exif) -> bytes:
    """That of Adobe RGB where a camera says so in EXIF alone (DCF 2.0, 'R03'), empty elsewhere."""
    inner = exif.get_ifd(IFD.Exif)
    interop = exif.get_ifd(IFD.Interop) if IFD.Interop in inner or IFD.Interop in exif else {}
    said = str(interop.get(_INTEROP_INDEX, "")).strip("\0 ")
    return profiles.adobe_rgb() if said == _ADOBE or inner.get(Base.ColorSpace) == 2 else b""


def _by_numbers(path: Path) -> bytes:
    """Of AVIF and HEIC without a profile: the primaries by their number in ISO 23091-2."""
    content = path.read_bytes()
    place = content.find(b"colrnclx")
    if place < 0:
        return b""
    primaries, transfer = struct.unpack(">HH", content[place + 8 : place + 12])
    if transfer in _FOR_HDR_SCREENS:
        curve = _FOR_HDR_SCREENS[transfer]
        raise InputError(f"Expected a photograph for common screens. Got {path}, coded by {curve} for HDR")
    return profiles.by_number(primaries)


def _by_gamma(picture: Image.Image, space: Space) -> bytes:
    """Of PNG without a profile: its chunks gAMA and cHRM, unless sRGB overrides them."""
    gamma = picture.info.get("gamma")
    if not gamma or "srgb" in picture.info:
        return b""
    if space == "gray":
        return b"" if abs(gamma - _PLAIN_GAMMA) < 0.02 else profiles.gray(1 / gamma)
    said = tuple(picture.info.get("chromaticity") or ())
    found = profiles.made(said[2:8], 1 / gamma, said[:2]) if said else profiles.made(gamma=1 / gamma)
    return b"" if profiles.alike(found, b"") else found
