"""Photographs in files to arrays and tensors, whatever their format: see `kinds.PICTURES`."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
import tifffile
from PIL import Image
from tifffile import COMPRESSION, PHOTOMETRIC

from hdr_lightning.errors import InputError, one_line
from hdr_lightning.imaging import exr, jxl, pillow, profiles, raw, tiff
from hdr_lightning.imaging.kinds import RAW, kind_of
from hdr_lightning.imaging.samples import Picture, Samples, to_picture
from hdr_lightning.imaging.zeros import check_end

if TYPE_CHECKING:  # what has read a bracket may be done before it is loaded
    from torch import Tensor

MAX_PIXELS = 512_000_000
"""Images with more pixels are taken for decompression bombs and refused before they are decoded."""

_JPEG_IN_TIFF = {COMPRESSION.JPEG, COMPRESSION.ALT_JPEG}


class ImageHeader(NamedTuple):
    """What a file says of its image before it is decoded: upright size, bits a channel, EXIF orientation."""

    height: int
    width: int
    bits: int
    orientation: int


def read_header(path: Path) -> ImageHeader:
    """The upright size and the depth (8 or 16) of an image file, without its pixels where that is possible.

    Raises:
        InputError: The file is missing, is no photograph, or is too large.
    """
    kind = kind_of(path)
    with _named(path, kind):
        if kind == "TIFF":
            with tifffile.TiffFile(path) as file:
                if not tiff.is_raw(file):
                    return _tiff_header(path, tiff.main_page(file, path))
            kind = RAW
        if kind == RAW:
            height, width, orientation = raw.header(path)
            return _header(path, height, width, 16, orientation)
        if kind == "EXR":
            return _header(path, *exr.header(path), 16)
        if kind == "JPEG XL":
            height, width = jxl.size(path)
            _header(path, height, width, 16)
            values = jxl.read(path).samples.values
            return _header(path, height, width, 8 * min(values.itemsize, 2))
        with pillow.opened(path, kind) as picture:
            return _opened_header(path, picture)


def is_raw(path: Path) -> bool:
    """Whether a file holds what a sensor saw, whatever its name says.

    Raises:
        InputError: It is missing or no photograph.
    """
    kind = kind_of(path)
    if kind != "TIFF":
        return kind == RAW
    with _named(path, kind), tifffile.TiffFile(path) as file:
        return tiff.is_raw(file)


def read_picture(
    path: Path,
    orientation: int | None = None,
    balance: raw.WhiteBalance | None = None,
    side: int | None = None,
) -> Picture:
    """A photograph with its opacity and its profile.

    Args:
        path: The file.
        orientation: How to turn it, as EXIF counts; None for as the file says.
        balance: White balance of a raw file, see `raw.white_balance`; None for its own.
        side: Longest side in pixels to reduce it to, which JPEG does while it decodes; None for as it is.

    Raises:
        InputError: As `read_header`, or the file is truncated.
    """
    kind = kind_of(path)
    with _named(path, kind):
        samples = _samples(path, kind, orientation, balance, side)
        if samples.profile and not profiles.fits(samples.profile, samples.space):
            message = f"Expected a colour profile of {samples.space} values in {path}. Got another: left out"
            warnings.warn(message, stacklevel=2)
            samples = samples._replace(profile=b"")
        picture = to_picture(samples)
    return picture if side is None else _reduced(picture, side)


def read_image(path: Path) -> np.ndarray:
    """The pixels of a photograph, upright as its EXIF orientation says.

    Gray is repeated to three channels; alpha is dropped with a warning that names the file.

    Returns:
        (H, W, 3) RGB, uint8 or uint16.

    Raises:
        InputError: As `read_header`, or the file is truncated.
    """
    picture = read_picture(path)
    if picture.alpha is not None:
        warnings.warn(f"Expected no transparency. Got an alpha channel in {path}: dropped", stacklevel=2)
    return picture.pixels


def shrink(image: "Tensor", side: int) -> "Tensor":
    """An image (C, H, W) with a longer side of at most `side` pixels, as float32."""
    from torch.nn import functional as F

    scale = side / max(image.shape[-2:])
    if scale >= 1:
        return image.float()
    return F.interpolate(image[None].float(), scale_factor=scale, mode="area")[0]


def _reduced(picture: Picture, side: int) -> Picture:
    height, width = picture.pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    if picture.alpha is None:
        return picture._replace(pixels=pixels)
    alpha = cv2.resize(picture.alpha, size, interpolation=cv2.INTER_AREA)
    return picture._replace(pixels=pixels, alpha=alpha)


def _samples(
    path: Path,
    kind: str,
    orientation: int | None,
    balance: raw.WhiteBalance | None,
    side: int | None,
) -> Samples:
    if kind == "TIFF":
        with tifffile.TiffFile(path) as file:
            if not tiff.is_raw(file):
                tiff.tell_of_pages(file, path)
                return _turned(_from_tiff(path, tiff.main_page(file, path)), orientation)
            tiff.check_whole(file, path)
        kind = RAW
    check_end(path, kind)
    if kind == RAW:
        _header(path, *raw.header(path)[:2], 16)
        return raw.develop(path, balance or raw.white_balance([path]), orientation)
    if kind == "EXR":
        _header(path, *exr.header(path), 16)
        return _turned(exr.read(path), orientation)
    if kind == "JPEG XL":
        _header(path, *jxl.size(path), 16)
        return jxl.read(path).samples
    with pillow.opened(path, kind) as picture:
        _opened_header(path, picture)
        if side is not None:
            scale = side / max(picture.size)
            picture.draft(None, (round(picture.width * scale), round(picture.height * scale)))
        return _turned(pillow.read(picture, path), orientation)


def _from_tiff(path: Path, page: Any) -> Samples:
    header = _tiff_header(path, page)
    subsampled = page.photometric == PHOTOMETRIC.YCBCR and page.compression not in _JPEG_IN_TIFF
    if header.bits == 8 and (subsampled or page.compression == COMPRESSION.OJPEG):
        with pillow.opened(path, "TIFF") as picture:
            return pillow.read(picture, path)
    return tiff.read(page, path)


def _turned(samples: Samples, orientation: int | None) -> Samples:
    return samples if orientation is None else samples._replace(orientation=orientation)


def _tiff_header(path: Path, page: Any) -> ImageHeader:
    return _header(path, page.imagelength, page.imagewidth, tiff.bits(page), tiff.orientation(page))


def _opened_header(path: Path, picture: Image.Image) -> ImageHeader:
    _header(path, picture.height, picture.width, 8)
    bits = 8 if pillow.depth(picture, path) == 8 else 16
    # only now: a PNG may have its orientation after the pixels, and Pillow decodes to get there
    return _header(path, picture.height, picture.width, bits, pillow.orientation(picture))


def _header(path: Path, height: int, width: int, bits: int, orientation: int = 1) -> ImageHeader:
    """The header of an image as stored.

    Raises:
        InputError: It has too many pixels, or none.
    """
    if width * height <= 0:
        raise InputError(f"Expected a picture. Got {path} with {width} x {height} pixels")
    if width * height > MAX_PIXELS:
        raise InputError(f"Expected at most {MAX_PIXELS} pixels. Got {path} with {width} x {height}")
    if orientation in (5, 6, 7, 8):
        height, width = width, height
    return ImageHeader(height, width, bits, orientation)


@contextmanager
def _named(path: Path, kind: str) -> Iterator[None]:
    """A block whose every failure is an InputError that names the file."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # decoders meet hostile bytes with any type of exception
        raise InputError(f"Expected a readable {kind} image. Got {path}: {one_line(error)}") from error
