"""Raw files, developed by LibRaw: every exposure of a bracket alike, so that only the light differs."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.extras import wanted
from hdr_lightning.imaging.samples import Samples
from hdr_lightning.imaging.silence import silence

WhiteBalance = tuple[float, float, float, float]
_SRGB_CURVE = (2.4, 12.92)
_FLIPS = {1: 0, 3: 3, 6: 6, 8: 5}
"""LibRaw's numbers of the turns, by those of EXIF."""


def header(path: Path) -> tuple[int, int, int]:
    """Height and width as stored, and the orientation as EXIF counts.

    Raises:
        InputError: LibRaw cannot read the file, or rawpy is missing.
    """
    with _opened(path) as raw:
        turns = {flip: exif for exif, flip in _FLIPS.items()}
        return raw.sizes.iheight, raw.sizes.iwidth, turns.get(raw.sizes.flip, 1)


def is_tiff(path: Path) -> bool:
    """Whether a raw file is laid out as TIFF, perhaps under another number."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"II*\0", b"MM\0*", b"IIRO", b"IIRS", b"MMOR", b"IIU\0")


def preview(path: Path) -> bytes:
    """The JPEG that the camera put into a raw file, with its EXIF.

    Raises:
        InputError: There is none.
    """
    with _opened(path) as raw:
        found = raw.extract_thumb()
    if not isinstance(found.data, bytes):
        raise InputError(f"Expected a JPEG inside. Got {path} without")
    return found.data


def thumbnail(path: Path) -> np.ndarray:
    """A quick picture of a raw file, to compare with others: its preview, or it is developed in half size.

    Returns:
        (H, W, 3) uint8.
    """
    try:
        with Image.open(io.BytesIO(preview(path)), formats=("JPEG",)) as picture:
            picture.draft("RGB", (256, 256))
            return np.asarray(picture.convert("RGB"))
    except Exception:  # none inside, or of another kind
        with _opened(path) as raw:
            options = {"half_size": True, "no_auto_bright": True, "adjust_maximum_thr": 0.0, "user_flip": 0}
            return np.asarray(raw.postprocess(**options))


def white_balance(paths: Sequence[Path]) -> WhiteBalance | None:
    """One white balance for exposures of a bracket: the median of what the camera set, green being 1.

    Returns:
        Factors of red, green, blue and second green; None where the camera set none.
    """
    found = []
    for path in paths:
        with _opened(path) as raw:
            factors = np.array(raw.camera_whitebalance, dtype=np.float64)
        if factors[1] > 0 and factors[[0, 2]].min() > 0:
            found.append([factors[0] / factors[1], 1.0, factors[2] / factors[1], 1.0])
    if not found:
        return None
    red, green, blue, other = (float(value) for value in np.median(found, axis=0))
    return red, green, blue, other


def develop(path: Path, balance: WhiteBalance | None, orientation: int | None = None) -> Samples:
    """A raw file as sRGB of 16 bits, upright; nothing is adjusted to what it shows.

    Args:
        path: The file.
        balance: The white balance of the bracket; None for daylight.
        orientation: How to turn it, as EXIF counts; None for as the camera says.

    Raises:
        InputError: LibRaw cannot read the file, or rawpy is missing.
    """
    flip = None if orientation is None else _FLIPS.get(orientation, 0)
    with _opened(path) as raw:
        pixels = raw.postprocess(
            user_wb=None if balance is None else list(balance),
            output_bps=16,
            no_auto_bright=True,
            adjust_maximum_thr=0.0,  # white is what the sensor holds, not what this exposure reached
            gamma=_SRGB_CURVE,
            user_flip=flip,
        )
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise InputError(f"Expected a raw photograph in colour. Got {path}")
    return Samples(pixels)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A raw file that LibRaw has opened; it reads on when it is asked for more, and may fail only then."""
    library = wanted("rawpy", "raw", path)
    try:
        with silence(), library.imread(str(path)) as raw:
            yield raw
    except InputError:
        raise
    except Exception as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise InputError(f"Expected a raw file that LibRaw can develop. Got {path}: {reason}") from error
