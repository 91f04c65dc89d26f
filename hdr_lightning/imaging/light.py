"""Linear light as the bytes of an OpenEXR or a Radiance HDR file."""

import importlib
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import ImageCms

from hdr_lightning.errors import InputError

LIGHT_SUFFIXES = frozenset({".exr", ".hdr"})
"""Suffixes (in lower case) of the files that hold light instead of a picture."""
REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""Primaries and white in CIE 1931 xy, those of sRGB."""
_MOST_HALF = 65504.0
_SRGB_TO_D50 = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]], np.float32
)


def encode_light(light: np.ndarray, suffix: str, stops: Sequence[float], program: str) -> bytes:
    """Light as half floats in OpenEXR or as shared exponents in Radiance HDR.

    Args:
        light: (H, W, 3) float32, linear, Rec.709, or (H, W, 4) with opacity, by which OpenEXR wants colours
            multiplied; negative values become 0.
        suffix: `.exr` or `.hdr`.
        stops: Exposure values that the exposures were merged with, relative to the first, to be told.
        program: Who wrote it.

    Raises:
        InputError: The extra for OpenEXR is missing.
    """
    note = f"exposure values {', '.join(f'{stop:+.2f}' for stop in stops)}"
    light = np.ascontiguousarray(light.clip(0, _MOST_HALF), np.float32)
    return _exr(light, note, program) if suffix.lower() == ".exr" else _radiance(light, note, program)


def to_rec709(light: np.ndarray, profile: bytes) -> np.ndarray:
    """Linear RGB (H, W, 3) in the primaries of an ICC profile (empty: sRGB) as linear Rec.709.

    Raises:
        InputError: The profile is no plain one of primaries and curves.
    """
    if not profile:
        return light
    said = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    colorants = [getattr(said, f"{name}_colorant") for name in ("red", "green", "blue")]
    if any(colorant is None for colorant in colorants):
        raise InputError("Expected a colour profile of three primaries for linear light. Got a table")
    primaries = np.array([colorant[0] for colorant in colorants], np.float32).T
    changed: np.ndarray = light @ np.linalg.solve(_SRGB_TO_D50, primaries).T.astype(np.float32)
    return changed


def _exr(light: np.ndarray, note: str, program: str) -> bytes:
    try:
        library: Any = importlib.import_module("OpenEXR")
    except ImportError as error:
        raise InputError(
            "Expected OpenEXR to write .exr. Got none: pip install 'hdr-lightning[exr]' (.hdr needs nothing)"
        ) from error
    header = {
        "compression": library.ZIP_COMPRESSION,
        "type": library.scanlineimage,
        "chromaticities": REC709,
        "comments": note,
        "software": program,
    }
    with tempfile.TemporaryDirectory() as folder:  # the library writes to names only
        path = os.path.join(folder, "light.exr")
        library.File(header, {"RGBA" if light.shape[2] == 4 else "RGB": light.astype(np.float16)}).write(path)
        return Path(path).read_bytes()


def _radiance(light: np.ndarray, note: str, program: str) -> bytes:
    done, encoded = cv2.imencode(".hdr", light[..., ::-1])
    if not done:
        raise InputError(f"Expected an image that fits into .hdr. Got {light.shape[1]} x {light.shape[0]}")
    first, _, rest = encoded.tobytes().partition(b"\n")
    lines = (first, f"# {note}".encode(), f"SOFTWARE={program}".encode(), rest)
    return b"\n".join(lines)
