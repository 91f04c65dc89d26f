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


def write_overlays(folder: Path, fused: FusedBracket, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Write what can be laid over the result: the weights together and one by one, and what moves.

    Returns:
        Name and picture of each, and of the first the colours of the exposures.
    """
    if fused.weights is None:
        return []
    weights = [_reduced(plane) for plane in fused.weights[:, 0].numpy()]
    names = [files[source].name for source in fused.sources]
    if len(files) == 1:
        names = [f"{name}, {stops:+g} stops" for name, stops in zip(names, EXPOSURE_VALUES, strict=True)]
    colours = _colours(len(weights))
    shown = [_overlay(folder, "weights.webp", "Which exposure counts", _mixed(weights, colours))]
    legend = (f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours.round().astype(int))
    shown[0]["legend"] = list(zip(names, legend, strict=True))
    for number, (name, own) in enumerate(zip(names, weights, strict=True)):
        shown.append(_overlay(folder, f"weights{number}.webp", f"Weight of {name}", _tinted(own, _ONE)))
    if fused.ghosts is not None and fused.ghosts.any():
        height, width = weights[0].shape
        moving = cv2.resize(fused.ghosts.max(axis=0), (width, height))
        shown.append(_overlay(folder, "ghosts.webp", "What moved", _tinted(0.7 * moving, _GHOSTS)))
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


def _colours(count: int) -> np.ndarray:
    """(count, 3), from dark to bright."""
    stops, channels = range(len(_FROM_DARK_TO_BRIGHT)), zip(*_FROM_DARK_TO_BRIGHT, strict=True)
    places = np.linspace(0, len(stops) - 1, count)
    return np.stack([np.interp(places, stops, channel) for channel in channels], axis=-1)


def _mixed(weights: Sequence[np.ndarray], colours: np.ndarray) -> np.ndarray:
    """The colours of the exposures mixed by their weights; (H, W, 4) uint8."""
    mixed = np.einsum("khw,kc->hwc", np.stack(weights), colours)
    opaque = np.full((*mixed.shape[:2], 1), 190.0)
    return np.concatenate([mixed, opaque], -1).round().clip(0, 255).astype(np.uint8)


def _overlay(folder: Path, file: str, name: str, pixels: np.ndarray) -> dict[str, Any]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=70, alpha_quality=70, method=0)
    write_bytes(folder / file, stream.getvalue())
    return {"name": name, "picture": file}
