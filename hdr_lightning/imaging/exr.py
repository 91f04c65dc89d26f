"""OpenEXR: linear light, brought to the curve of sRGB and 16 bits."""

from pathlib import Path
from typing import Any

import numpy as np

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.extras import wanted
from hdr_lightning.imaging.samples import Samples
from hdr_lightning.imaging.silence import silence


def header(path: Path) -> tuple[int, int]:
    """Height and width.

    Raises:
        InputError: The extra is missing, or the file is damaged.
    """
    window = _opened(path, header_only=True).header()["dataWindow"]
    (left, top), (right, bottom) = ([int(value) for value in corner] for corner in window)
    return bottom - top + 1, right - left + 1


def read(path: Path) -> Samples:
    """The samples of the first part, clipped at 1 and coded by the curve of sRGB.

    Raises:
        InputError: The extra is missing, the file is damaged, or has neither RGB nor Y.
    """
    file = _opened(path)
    found = {name: channel.pixels for name, channel in file.channels().items()}
    values = next((found[name] for name in ("RGBA", "RGB", "Y") if name in found), None)
    if values is None:
        raise InputError(f"Expected channels R, G, B or Y. Got {path} with {', '.join(found) or 'none'}")
    if not np.isfinite(values).all():
        raise InputError(f"Expected finite values. Got {path} with others")
    light = values.astype(np.float32)
    if light.ndim == 2:
        return Samples(coded(light), "gray")
    alpha = light[..., 3].clip(0, 1) if light.shape[-1] == 4 else None
    if alpha is not None:  # OpenEXR multiplies colours by it
        light = light / np.where(alpha > 0, alpha, 1)[..., None]
    return Samples(coded(light[..., :3]), "rgb", alpha, profile=_profile(file.header()))


def coded(light: np.ndarray) -> np.ndarray:
    """Linear light as codes of sRGB, clipped to [0, 1]."""
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def _profile(said: dict[str, Any]) -> bytes:
    primaries = tuple(float(value) for value in said.get("chromaticities") or ())
    return profiles.made(primaries[:6], white=primaries[6:8]) if len(primaries) == 8 else b""


def _opened(path: Path, header_only: bool = False) -> Any:
    library = wanted("OpenEXR", "exr", path)
    with silence():
        file = library.File(str(path), header_only=header_only)
    if not file.parts:
        raise InputError(f"Expected a whole OpenEXR file. Got {path}, which is damaged")
    return file
