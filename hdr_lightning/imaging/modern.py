"""WebP, AVIF and JPEG XL: pixels as the bytes of a file, with the metadata that the format can hold."""

import io
import struct
import warnings

import numpy as np
from PIL import Image

from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.metadata import Metadata

PILLOW_NAMES = {".webp": "WEBP", ".avif": "AVIF"}
JXL = ".jxl"
MODERN_SUFFIXES = frozenset({*PILLOW_NAMES, JXL})
_LOSSLESS = 100


def encode_modern(pixels: np.ndarray, suffix: str, quality: int, metadata: Metadata) -> bytes:
    """Pixels as WebP, AVIF or JPEG XL.

    Args:
        pixels: (H, W, 3) RGB, (H, W, 4) with opacity or (H, W, 1) gray of uint8, or of uint16 for JPEG XL.
        suffix: One of `MODERN_SUFFIXES`.
        quality: 1 to 100, lossless at 100 but for AVIF.
        metadata: EXIF, XMP and profile are stored; IPTC has no place. A profile has none in JPEG XL, as its
            encoder is reached here: the colours are brought to sRGB then, with a warning.
    """
    if suffix == JXL:
        return _jxl(pixels, quality, metadata)
    stream = io.BytesIO()
    said = {"exif": metadata.exif, "icc_profile": metadata.icc, "xmp": metadata.xmp}
    picture = Image.fromarray(np.squeeze(pixels, 2) if pixels.shape[2] == 1 else pixels)
    lossless = {"lossless": True} if suffix == ".webp" and quality == _LOSSLESS else {}
    detail = {"subsampling": "4:4:4"} if suffix == ".avif" else {}
    kept = {name: value for name, value in said.items() if value}
    picture.save(stream, PILLOW_NAMES[suffix], quality=quality, **lossless, **detail, **kept)
    return stream.getvalue()


def _jxl(pixels: np.ndarray, quality: int, metadata: Metadata) -> bytes:
    import imagecodecs

    if metadata.icc and pixels.shape[2] >= 3:
        warnings.warn("Expected sRGB for JPEG XL. Got another colour space: brought to sRGB", stacklevel=2)
        colours = profiles.convert(np.ascontiguousarray(pixels[..., :3]), metadata.icc, b"")
        pixels = np.dstack([colours, pixels[..., 3:]])
    content = np.squeeze(pixels, 2) if pixels.shape[2] == 1 else pixels
    encoded = imagecodecs.jpegxl_encode(
        content, lossless=quality == _LOSSLESS, distance=None if quality == _LOSSLESS else _distance(quality),
        effort=5, usecontainer=True,
    )  # fmt: skip
    boxes = [(b"Exif", bytes(4) + metadata.exif)] if metadata.exif else []
    boxes += [(b"xml ", metadata.xmp)] if metadata.xmp else []
    return bytes(encoded) + b"".join(struct.pack(">I4s", 8 + len(data), kind) + data for kind, data in boxes)


def _distance(quality: int) -> float:
    """The visual distance that libjxl takes for a quality of JPEG."""
    return 0.1 + (100 - quality) * 0.09 if quality >= 30 else 53 / 3000 * quality**2 - 23 / 20 * quality + 25
