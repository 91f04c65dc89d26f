"""Images as the bytes of a file, with the metadata of a photograph."""

from pathlib import Path

import cv2
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.files import write_bytes
from hdr_lightning.imaging.attaching import attach
from hdr_lightning.imaging.metadata import NOTHING, Metadata
from hdr_lightning.imaging.modern import JXL, MODERN_SUFFIXES, encode_modern
from hdr_lightning.levels import to_pixels

JPEG_SUFFIXES = frozenset({".jpg", ".jpeg"})
DEEP_SUFFIXES = frozenset({".png", ".tif", ".tiff", JXL})
WRITTEN_SUFFIXES = JPEG_SUFFIXES | DEEP_SUFFIXES | MODERN_SUFFIXES
"""Suffixes (in lower case) of the pictures that can be written."""
FULL_CHROMA_FROM = 95
"""Quality of JPEG from which colours keep their full resolution (4:4:4)."""


def encode(
    image: Tensor, suffix: str, bits: int = 8, quality: int = 95, metadata: Metadata = NOTHING
) -> bytes:
    """An image as PNG, JPEG, TIFF, WebP, AVIF or JPEG XL.

    Args:
        image: (3, H, W) or (1, H, W) in [0, 1], or (4, H, W) with opacity, which JPEG has not; values
            outside are clipped.
        suffix: Which of the formats, as the ending of a file name.
        bits: 8, or 16 for PNG, TIFF and JPEG XL.
        quality: 1 to 100, of the formats that lose something; in JPEG from `FULL_CHROMA_FROM` on without
            subsampling of colours.
        metadata: What else to store.

    Raises:
        InputError: The suffix is none of these, or it has no 16 bits.
    """
    suffix = suffix.lower()
    allowed = WRITTEN_SUFFIXES if bits == 8 else DEEP_SUFFIXES
    if suffix not in allowed:
        raise InputError(
            f"Expected a format out of {', '.join(sorted(allowed))} for {bits} bits. Got {suffix!r}"
        )
    if suffix in MODERN_SUFFIXES:
        return encode_modern(to_pixels(image, bits), suffix, quality, metadata)
    options = _jpeg_options(quality) if suffix in JPEG_SUFFIXES else []
    pixels = to_pixels(image[[2, 1, 0, 3][: len(image)]] if len(image) > 1 else image, bits)
    done, encoded = cv2.imencode(suffix, pixels, options)
    if not done:
        raise InputError(
            f"Expected an image that fits into {suffix}. Got {pixels.shape[1]} x {pixels.shape[0]}"
        )
    return attach(encoded.tobytes(), metadata, opacity=len(image) == 4)


def _jpeg_options(quality: int) -> list[int]:
    """Colours in half the resolution only where the quality is below what shows it."""
    chroma = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    if quality >= FULL_CHROMA_FROM:
        chroma = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    return [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, chroma]


def write_image(path: Path, image: Tensor, bits: int = 8) -> None:
    """Write an image as PNG, JPEG or TIFF, whichever the suffix says, whole or not at all.

    Args:
        path: File to write; its folder is made when missing.
        image: (3, H, W) or (1, H, W) in [0, 1]; values outside are clipped.
        bits: 8, or 16 for PNG and TIFF.

    Raises:
        InputError: The suffix is none of these, it has no 16 bits, or the disk refuses the file.
    """
    try:
        encoded = encode(image, path.suffix, bits)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    write_bytes(path, encoded)
