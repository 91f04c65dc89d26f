"""Image files to arrays and tensors, and back: JPEG, PNG and TIFF of 8 and 16 bits."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import tifffile
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional as F

from hdr_lightning.errors import InputError

JPEG_SUFFIXES = frozenset({".jpg", ".jpeg"})
DEEP_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
IMAGE_SUFFIXES = JPEG_SUFFIXES | DEEP_SUFFIXES
"""Suffixes (in lower case) of the files that count as images; compare with ``path.suffix.lower()``."""

# OpenCV would tell of odd tags in TIFF files, line by line; what is wrong with a file is told once, by us.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

MAX_PIXELS = 512_000_000
"""Images with more pixels are taken for decompression bombs and refused before they are decoded."""

_ORIENTATION, _WIDTH, _HEIGHT, _BITS, _PLANAR, _SAMPLE_FORMAT = 274, 256, 257, 258, 284, 339
_ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}


class ImageHeader(NamedTuple):
    """What a file says of its image before it is decoded: upright size, bits a channel, EXIF orientation."""

    height: int
    width: int
    bits: int
    orientation: int


def read_header(path: Path) -> ImageHeader:
    """The upright size and the depth of an image file, without its pixels.

    Raises:
        InputError: The file is missing, is no JPEG, PNG or TIFF, has an unsupported depth or is too large.
    """
    with _opened(path) as picture:
        return _header(path, picture)


def read_image(path: Path) -> np.ndarray:
    """The pixels of a photograph, upright as its EXIF orientation says.

    Gray is repeated to three channels; alpha is dropped with a warning that names the file.

    Returns:
        (H, W, 3) RGB, uint8 or uint16.

    Raises:
        InputError: As :func:`read_header`, or the file is truncated.
    """
    with _opened(path) as picture:
        header = _header(path, picture)
        has_alpha = picture.mode in _ALPHA_MODES or "transparency" in picture.info
        # Pillow is strict about truncated files but reduces 16-bit colour to 8 bits: OpenCV reads those.
        picture.load()
        if header.bits == 8:
            pixels = np.array(ImageOps.exif_transpose(picture).convert("RGB"))
        else:
            pixels = _decode_deep(path, header)
    if has_alpha:
        warnings.warn(f"Expected no transparency. Got an alpha channel in {path}: dropped", stacklevel=2)
    return pixels


def to_float(pixels: np.ndarray) -> Tensor:
    """Integer pixels (..., H, W, 3) as a float32 tensor (..., 3, H, W) in [0, 1], divided by 255 or 65535."""
    scale = np.iinfo(pixels.dtype).max
    channels_first = np.array(np.moveaxis(pixels, -1, -3), order="C")
    return torch.from_numpy(channels_first).float().div_(scale)


def shrink(image: Tensor, side: int) -> Tensor:
    """An image (C, H, W) with a longer side of at most `side` pixels, as float32."""
    scale = side / max(image.shape[-2:])
    if scale >= 1:
        return image.float()
    return F.interpolate(image[None].float(), scale_factor=scale, mode="area")[0]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A Pillow image whose every failure inside the ``with`` block is an InputError that names the file."""
    if not path.is_file():
        raise InputError(f"Expected an image file. Got {path}, which does not exist or is a folder")
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit, checked in _header
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata that does not concern the pixels
            with Image.open(path, formats=("JPEG", "PNG", "TIFF")) as picture:
                yield picture
    except InputError:
        raise
    except Exception as error:  # decoders meet hostile bytes with any type of exception
        reason = "not an image, or damaged" if isinstance(error, UnidentifiedImageError) else error
        raise InputError(f"Expected a readable JPEG, PNG or TIFF image. Got {path}: {reason}") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _header(path: Path, picture: Image.Image) -> ImageHeader:
    width, height, bits = picture.size[0], picture.size[1], 8
    if picture.format == "TIFF":
        tags: Any = picture.tag_v2  # type: ignore[attr-defined]
        # Pillow has turned its own size already, depending on its version; the tags have the stored one.
        width, height = tags[_WIDTH], tags[_HEIGHT]
        bits = max(tags.get(_BITS, (1,)))
        integers = max(tags.get(_SAMPLE_FORMAT, (1,))) == 1
        if not integers or bits not in (1, 8, 16) or (bits == 16 and tags.get(_PLANAR, 1) != 1):
            raise InputError(f"Expected interleaved integers of 8 or 16 bits. Got {path}")
    elif picture.format == "PNG":
        tiles: Any = picture.tile  # type: ignore[attr-defined]
        bits = 16 if ";16" in str(tiles[0].args) else 8
    if width * height > MAX_PIXELS:
        raise InputError(f"Expected at most {MAX_PIXELS} pixels. Got {path} with {width} x {height}")
    # Only now: a PNG may have its orientation after the pixels, and Pillow decodes to get there.
    orientation = picture.getexif().get(_ORIENTATION, 1)
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    return ImageHeader(height, width, max(bits, 8), orientation)


def _decode_deep(path: Path, header: ImageHeader) -> np.ndarray:
    """The (H, W, 3) uint16 RGB pixels of a 16-bit PNG or TIFF, upright."""
    stream = io.BytesIO(path.read_bytes())
    if header.orientation != 1 and stream.getvalue()[:2] in (b"II", b"MM"):
        # OpenCV turns some TIFFs itself and fails at others, so it is told that there is nothing to turn.
        with tifffile.TiffFile(stream, mode="r+") as tiff:
            tags: Any = tiff.pages.first.tags
            tags[_ORIENTATION].overwrite(1)
    pixels = cv2.imdecode(np.frombuffer(stream.getvalue(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise InputError(f"Expected a readable image of 16 bits. Got {path}")
    colour = np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels[..., 2::-1]
    turn = _UPRIGHT.get(header.orientation)
    return np.ascontiguousarray(turn(colour) if turn else colour)
