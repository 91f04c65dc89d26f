"""What a fused bracket is delivered as: a picture, a picture with a gain map, or the light of the scene."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hdr_lightning.brackets.bracket import FusedBracket, middle
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.light import LIGHT_SUFFIXES, encode_light, to_rec709
from hdr_lightning.imaging.metadata import RESULT, Metadata, of_result, read_exif
from hdr_lightning.imaging.ultra_hdr import Gains, join
from hdr_lightning.imaging.writing import DEEP_SUFFIXES, JPEG_SUFFIXES, WRITTEN_SUFFIXES, encode
from hdr_lightning.levels import to_float
from hdr_lightning.radiance.exposure import relative_exposures
from hdr_lightning.radiance.gain_map import OFFSET, gain_map
from hdr_lightning.radiance.merging import merge
from hdr_lightning.radiance.recorded import exposure_of
from hdr_lightning.radiance.response import fit

DISPLAY_P3 = 12
"""Number of Display P3 in ISO 23091-2: beside sRGB the colours of a base that readers of gain maps know."""

OPACITY_SUFFIXES = (WRITTEN_SUFFIXES | {".exr"}) - JPEG_SUFFIXES
"""Suffixes (in lower case) of the files that can be transparent."""

_FINER = 2
"""By how much the quality of a gain map is higher: its few levels span all the light."""


class Delivery(NamedTuple):
    """How a result is written.

    Attributes:
        suffix: Format, as the ending of a file name.
        bits: 8 or 16.
        quality: 1 to 100, of the formats that lose something.
        headroom: The most stops above white of a gain map; None for no gain map.
        program: Who wrote it: `RESULT` or `PREVIEW_RESULT`.
    """

    suffix: str
    bits: int = 8
    quality: int = 95
    headroom: float | None = None
    program: str = RESULT

    def check(self, photographs: int, name: str) -> None:
        """Refuse what cannot be delivered of so many photographs.

        Raises:
            InputError: It names the output.
        """
        suffix, light = self.suffix.lower(), self.suffix.lower() in LIGHT_SUFFIXES
        if self.headroom is not None and suffix not in JPEG_SUFFIXES:
            raise InputError(f"Expected JPEG for a gain map (--hdr). Got {name}")
        if self.bits == 16 and suffix not in DEEP_SUFFIXES | LIGHT_SUFFIXES:
            raise InputError(f"Expected JPEG XL, PNG or TIFF for 16 bits. Got {name}")
        if photographs < 2 and (light or self.headroom is not None):
            raise InputError(f"Expected a bracket to measure light from. Got a single photograph for {name}")


class Measured(NamedTuple):
    """The light of a scene, and how it was measured."""

    light: Tensor  # (3, H, W), linear in the primaries of the exposures, 1 where the middle one is just full
    exposures: Tensor  # (K,) light that each exposure took, relative to the darkest


def deliver(fused: FusedBracket, files: Sequence[Path], metadata: Metadata, how: Delivery) -> bytes:
    """The bytes of the result's file.

    Args:
        fused: The picture and its exposures.
        files: The photographs, in the order that `fused.sources` counts in.
        metadata: What to say of the picture; its profile is that of the exposures.
        how: Format and quality.

    Raises:
        InputError: The format cannot hold it.
    """
    suffix, opacity = how.suffix.lower(), fused.opacity
    if opacity is not None and suffix not in OPACITY_SUFFIXES:
        fused = fused._replace(image=fused.image * opacity)  # laid on black
    if suffix in LIGHT_SUFFIXES:
        light, exposures = measure(fused, files)
        pixels = to_rec709(light.permute(1, 2, 0).numpy(), metadata.icc)
        if opacity is not None:
            shown = opacity.permute(1, 2, 0).numpy()
            pixels = np.dstack([pixels * shown, shown][: 1 + (suffix in OPACITY_SUFFIXES)])
        return encode_light(pixels, how.suffix, exposures.log2().tolist(), how.program)
    if how.headroom is not None:
        return _with_gain_map(fused, files, metadata, how, how.headroom)
    image = fused.image
    if opacity is not None and suffix in OPACITY_SUFFIXES:
        image = torch.cat([image, opacity])
    return encode(image, how.suffix, how.bits, how.quality, metadata)


@torch.inference_mode()
def measure(fused: FusedBracket, files: Sequence[Path]) -> Measured:
    """The light that the exposures measured, as they were aligned for fusion.

    Args:
        fused: With exposures of at least two photographs.
        files: The photographs, whose EXIF may tell their exposures.
    """
    told = [_exposure_of(files[source]) for source in fused.sources]
    stack = fused.exposures
    exposures = relative_exposures(told, stack)
    light = merge(stack, exposures, fit(stack, exposures))
    return Measured(light * exposures[middle(len(exposures))], exposures)


def _exposure_of(file: Path) -> float | None:
    try:
        return exposure_of(read_exif(file))
    except Exception:  # EXIF comes from any program there ever was
        return None


def _with_gain_map(
    fused: FusedBracket, files: Sequence[Path], metadata: Metadata, how: Delivery, headroom: float
) -> bytes:
    image, light = fused.image, measure(fused, files).light
    if fused.opacity is not None:
        light = light * fused.opacity
    if metadata.icc and not profiles.alike(metadata.icc, profiles.by_number(DISPLAY_P3)):
        pixels = image.permute(1, 2, 0).numpy()
        image = torch.from_numpy(profiles.convert(np.ascontiguousarray(pixels), metadata.icc, b""))
        image = image.permute(2, 0, 1)
        light = torch.from_numpy(to_rec709(light.permute(1, 2, 0).numpy(), metadata.icc)).permute(2, 0, 1)
        metadata = of_result(metadata, program=how.program)
    base = encode(image, how.suffix, 8, how.quality, metadata)
    gains = gain_map(_decoded(base), light.clamp_min(0), headroom)
    told = Gains(gains.lowest, gains.highest, gains.headroom, OFFSET)
    finer = min(how.quality + _FINER, 100)
    return join(base, encode(gains.pixels, how.suffix, 8, finer), told)


def _decoded(jpeg: bytes) -> Tensor:
    """The pixels that readers of the base will see, its coding errors included: the gain map mends them."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        return to_float(np.asarray(picture.convert("RGB")))
