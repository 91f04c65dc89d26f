"""TIFF files of every layout: 1 to 64 bits, floats, planes, tiles, any compression, BigTIFF.

Decoded by tifffile and imagecodecs; 8-bit kinds that they leave to others (subsampled YCbCr, old JPEG)
by Pillow.
"""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from tifffile import PHOTOMETRIC

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.samples import Samples, Space

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what is wrong with a file is told once, by us

MOST_PAGES = 1000
_DNG_VERSION, _MAX, _SMIN, _SMAX, _ICC, _ORIENTATION = 50706, 281, 340, 341, 34675, 274
_SMALLER, _MASK = 1, 4  # bits of NewSubfileType
_ASSOCIATED, _UNASSOCIATED = 1, 2
_CAMERAS = {PHOTOMETRIC.CFA, PHOTOMETRIC.LINEAR_RAW}
_SPACES: dict[int, tuple[Space, int]] = {
    PHOTOMETRIC.MINISWHITE: ("gray", 1),
    PHOTOMETRIC.MINISBLACK: ("gray", 1),
    PHOTOMETRIC.RGB: ("rgb", 3),
    PHOTOMETRIC.PALETTE: ("rgb", 1),
    PHOTOMETRIC.SEPARATED: ("cmyk", 4),
    PHOTOMETRIC.YCBCR: ("rgb", 3),
    PHOTOMETRIC.CIELAB: ("lab", 3),
    PHOTOMETRIC.ICCLAB: ("lab", 3),
}


def is_raw(tiff: tifffile.TiffFile) -> bool:
    """Whether a TIFF file holds what a sensor saw (DNG, NEF, ARW ...), perhaps beside a preview of it."""
    pages = list(_every(tiff))
    return any(_DNG_VERSION in page.tags or page.photometric in _CAMERAS for page in pages)


def main_page(tiff: tifffile.TiffFile, path: Path) -> Any:
    """The first page that is neither a reduced copy of another nor a mask.

    Raises:
        InputError: There is none.
    """
    for page in _whole(tiff):
        return page
    found = "previews only" if any(True for _ in _every(tiff)) else "no picture, or is damaged"
    raise InputError(f"Expected a TIFF with a picture in full size. Got {path}, which has {found}")


def tell_of_pages(tiff: tifffile.TiffFile, path: Path) -> None:
    """Warn where there are further pages, which are not read."""
    if (count := sum(1 for _ in _whole(tiff))) > 1:
        warnings.warn(f"Expected one picture. Got {path} with {count} pages: the first is read", stacklevel=3)


def read(page: Any, path: Path) -> Samples:
    """The samples of a page.

    Raises:
        InputError: It is cut off, or of a kind that is no photograph.
    """
    space, count = _space(page, path)
    _check_page(page, path)
    stored = _decoded(page)
    if page.photometric == PHOTOMETRIC.PALETTE:
        return Samples(_coloured(page, stored), "rgb", None, False, _profile(page), orientation(page))
    values, extra = stored[..., :count], stored[..., count:]
    alpha, premultiplied = _alpha(page, extra)
    scaled = _lab(page, values) if space == "lab" else _scaled(page, values, path)
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        scaled = _most(scaled) - scaled
    opacity = None if alpha is None else _like(scaled, _scaled(page, alpha, path))
    flat = scaled[..., 0] if space == "gray" else scaled
    return Samples(flat, space, opacity, premultiplied, _profile(page), orientation(page))


def check_whole(tiff: tifffile.TiffFile, path: Path) -> None:
    """Refuse a file that ends before the pixels of any of its pages do.

    Raises:
        InputError: It is cut off.
    """
    for page in _every(tiff):
        _check_page(page, path)


def orientation(page: Any) -> int:
    """As EXIF counts, 1 to 8."""
    found = page.tags.valueof(_ORIENTATION, 1)
    return int(found) if found in range(1, 9) else 1


def bits(page: Any) -> int:
    """8 or 16: what its pixels become."""
    return 8 if page.dtype is not None and page.dtype.kind in "bu" and _depth(page) <= 8 else 16


def _every(tiff: tifffile.TiffFile) -> Iterator[Any]:
    """The pages and those inside them, so many at most."""
    for number, page in enumerate(tiff.pages):
        if number == MOST_PAGES:
            return
        yield page
        yield from page.pages or ()


def _whole(tiff: tifffile.TiffFile) -> Iterator[Any]:
    """Those that are neither reduced copies of others nor masks."""
    return (page for page in _every(tiff) if not int(page.subfiletype or 0) & (_SMALLER | _MASK))


def _space(page: Any, path: Path) -> tuple[Space, int]:
    found = _SPACES.get(page.photometric)
    samples = page.samplesperpixel
    if found is None or page.imagedepth != 1:
        name = getattr(page.photometric, "name", page.photometric)
        raise InputError(f"Expected a photograph. Got {path}, a TIFF of the kind {name}")
    if samples < found[1] or samples > 16 or page.dtype is None or page.dtype.kind == "c":
        kind = f"{samples} samples of {page.dtype or 'an unknown type'}"
        raise InputError(f"Expected a TIFF of gray, RGB, CMYK or Lab. Got {path} with {kind}")
    return found


def _check_page(page: Any, path: Path) -> None:
    """Refuse a file that ends before its pixels do; decoders would fill in black."""
    size = path.stat().st_size
    offsets, counts = page.dataoffsets, page.databytecounts
    expected = int(np.prod(page.chunked)) if page.chunked else 1
    inside = all(
        min(offset, count) > 0 and offset + count <= size
        for offset, count in zip(offsets, counts, strict=False)
    )
    if not inside or len(offsets) < expected or len(counts) < expected:
        raise InputError(f"Expected a whole TIFF. Got {path}, which ends before its pixels do")


def _decoded(page: Any) -> np.ndarray:
    """(H, W, S), as stored."""
    stored: np.ndarray = page.asarray()
    shape = (page.imagelength, page.imagewidth, page.samplesperpixel)
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and page.samplesperpixel > 1:
        return np.moveaxis(stored.reshape(shape[2], shape[0], shape[1]), 0, -1)
    return stored.reshape(shape)


def _coloured(page: Any, stored: np.ndarray) -> np.ndarray:
    colours = np.asarray(page.colormap).T.astype(np.uint16)
    return np.asarray(colours[stored[..., 0]] >> 8, np.uint8)


def _alpha(page: Any, extra: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """The opacity among the extra samples, and whether the colours were multiplied by it."""
    for kind, place in zip(page.extrasamples, range(extra.shape[-1]), strict=False):
        if kind in (_ASSOCIATED, _UNASSOCIATED):
            return extra[..., place], kind == _ASSOCIATED
    return None, False


def _scaled(page: Any, values: np.ndarray, path: Path) -> np.ndarray:
    """Values as uint8, uint16 or float32 in [0, 1], where the most that they can be is white."""
    if values.dtype == np.bool_:
        return values * np.uint8(255)
    least, most = _limits(page)
    if values.dtype.kind == "f":
        return _finite(values, least, most, path)
    if (least, most) == (0, np.iinfo(values.dtype).max) and values.dtype in (np.uint8, np.uint16):
        return values
    target = np.uint8 if most <= 255 and values.dtype == np.uint8 else np.uint16
    shares = (np.clip(values.astype(np.float64), least, most) - least) / (most - least)
    return np.rint(shares * np.iinfo(target).max).astype(target)


def _finite(values: np.ndarray, least: float, most: float, path: Path) -> np.ndarray:
    shares = (values.astype(np.float64) - least) / (most - least)
    if not np.isfinite(shares).all():
        raise InputError(f"Expected finite values. Got {path} with others")
    if np.median(shares) > 1:
        raise InputError(
            "Expected floats from 0 to 1, or SMaxSampleValue to say what is white. "
            f"Got {path} with values up to {values.max():g}"
        )
    if shares.max() > 1:
        warnings.warn(f"Expected floats from 0 to 1. Got {path} with more: clipped", stacklevel=2)
    return np.clip(shares, 0, 1).astype(np.float32)


def _limits(page: Any) -> tuple[float, float]:
    """Values of black and white: what the type holds, or what the tags say."""
    kind = page.dtype.kind
    full = 1.0 if kind == "f" else 2.0 ** _depth(page) - 1 if kind == "u" else 2.0 ** (_depth(page) - 1) - 1
    least, most = _first(page, _SMIN), _first(page, _SMAX)
    if most is None:
        # a statistic in most files; where it is a round number of bits it is what the sensor could give
        most = _first(page, _MAX) or full
        most = (
            most if kind != "f" and most < full and (most + 1).is_integer() and _is_power(most + 1) else full
        )
        least = None
    least = 0.0 if least is None else least
    return (least, most) if most > least else (0.0, full)


def _first(page: Any, code: int) -> float | None:
    found = page.tags.valueof(code)
    if found is None:
        return None
    return float(max(found) if isinstance(found, tuple) else found)


def _is_power(number: float) -> bool:
    return number >= 2 and int(number) & (int(number) - 1) == 0


def _depth(page: Any) -> int:
    found = page.bitspersample
    return int(max(found) if isinstance(found, tuple) else found)


def _lab(page: Any, values: np.ndarray) -> np.ndarray:
    """L* in [0, 100], a* and b* in [-128, 128), as float32."""
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    wide = values.dtype.itemsize == 2
    light = values[..., :1].astype(np.float32) * (100 / (65535 if wide else 255))
    step = 256 if wide else 1
    if page.photometric == PHOTOMETRIC.ICCLAB:
        colours = values[..., 1:].astype(np.float32) / step - 128
    else:
        colours = values[..., 1:].astype(np.int16 if wide else np.int8).astype(np.float32) / step
    return np.concatenate([light, colours], axis=-1)


def _most(values: np.ndarray) -> Any:
    return np.float32(1) if values.dtype == np.float32 else np.iinfo(values.dtype).max


def _like(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return alpha if alpha.dtype == values.dtype else alpha / np.float32(_most(alpha))


def _profile(page: Any) -> bytes:
    return bytes(page.tags.valueof(_ICC, b"") or b"")
