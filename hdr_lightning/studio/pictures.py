"""What the page shows of a fused bracket: the result, its exposures, and where which of them counts."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from hdr_lightning.brackets.bracket import FusedBracket
from hdr_lightning.brackets.one_bracket import Made
from hdr_lightning.brackets.virtual import EXPOSURE_VALUES
from hdr_lightning.files import write_bytes
from hdr_lightning.imaging import raw
from hdr_lightning.imaging.metadata import Metadata
from hdr_lightning.imaging.reading import is_raw, read_picture
from hdr_lightning.imaging.writing import encode
from hdr_lightning.levels import to_float

QUALITY = 92
_OVERLAY_SIDE, _THUMBNAIL_SIDE = 640, 240
_ONE, _GHOSTS = (255, 122, 26), (255, 0, 140)
_FROM_DARK_TO_BRIGHT = ((46, 92, 255), (22, 178, 140), (255, 205, 40))


def write_exposures(folder: Path, made: Made, files: Sequence[Path]) -> list[dict[str, str]]:
    """Write the exposures as they were fused, dark to bright; the name and picture of each."""
    shown = []
    for number, (source, pixels) in enumerate(zip(made.fused.sources, made.fused.photographs, strict=False)):
        picture = encode(to_float(pixels), ".jpg", 8, QUALITY, Metadata(icc=made.profile))
        write_bytes(folder / f"exposure{number}.jpg", picture)
        shown.append({"name": files[source].name, "picture": f"exposure{number}.jpg"})
    return shown


def write_thumbnail(folder: Path, number: int, file: Path) -> str | None:
    """Write a small picture of a photograph; its name, or None where the photograph cannot be read."""
    try:
        pixels = raw.thumbnail(file) if is_raw(file) else read_picture(file, side=_THUMBNAIL_SIDE).pixels
    except Exception:  # of any type: what is wrong is told when it is fused
        return None
    write_bytes(folder / f"thumbnail{number}.jpg", encode(to_float(pixels), ".jpg", 8, 80))
    return f"thumbnail{number}.jpg"


def write_overlays(folder: Path, fused: FusedBracket, files: Sequence[Path]) -> list[dict[str, str]]:
    """Write what can be laid over the result: the weights together and one by one, and what moves."""
    if fused.weights is None:
        return []
    weights = [_reduced(plane) for plane in fused.weights[:, 0].numpy()]
    names = [files[source].name for source in fused.sources]
    if len(files) == 1:
        names = [f"{name}, {stops:+g} stops" for name, stops in zip(names, EXPOSURE_VALUES, strict=True)]
    shown = [_overlay(folder, "weights.webp", "Which exposure counts", _mixed(weights))]
    for number, (name, own) in enumerate(zip(names, weights, strict=True)):
        shown.append(_overlay(folder, f"weights{number}.webp", f"Weight of {name}", _tinted(own, _ONE)))
    if fused.ghosts is not None and fused.ghosts.any():
        height, width = weights[0].shape
        moving = cv2.resize(fused.ghosts.max(axis=0), (width, height))
        shown.append(_overlay(folder, "ghosts.webp", "What moved", _tinted(moving, _GHOSTS)))
    return shown


def _reduced(plane: np.ndarray) -> np.ndarray:
    height, width = plane.shape
    scale = min(1.0, _OVERLAY_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def _tinted(plane: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """A colour, as opaque as a plane (H, W) in [0, 1] says; (H, W, 4) uint8."""
    picture = np.empty((*plane.shape, 4), np.uint8)
    picture[..., :3] = colour
    picture[..., 3] = np.round(plane.clip(0, 1) * 235)
    return picture


def _mixed(weights: Sequence[np.ndarray]) -> np.ndarray:
    """The colours of the exposures, from dark to bright, mixed by their weights; (H, W, 4) uint8."""
    places = np.linspace(0, len(_FROM_DARK_TO_BRIGHT) - 1, len(weights))
    channels = np.array(_FROM_DARK_TO_BRIGHT, float).T
    colours = [
        [np.interp(place, range(channels.shape[1]), channel) for channel in channels] for place in places
    ]
    mixed = sum(own[..., None] * np.array(colour) for own, colour in zip(weights, colours, strict=True))
    opaque = np.full((*weights[0].shape, 1), 190.0)
    return np.concatenate([np.asarray(mixed), opaque], -1).round().clip(0, 255).astype(np.uint8)


def _overlay(folder: Path, file: str, name: str, pixels: np.ndarray) -> dict[str, Any]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=70, alpha_quality=70, method=0)
    write_bytes(folder / file, stream.getvalue())
    return {"name": name, "picture": file}
