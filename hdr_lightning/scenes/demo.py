"""Layout `demo`: synthetic brackets of real photographs, for a first run without any download.

The photographs are those inside the scikit-image wheel. Each is taken for the reflectance of a scene that a
camera sees under a light which the photograph never had. In order:

1. inverse response: the sRGB curve is undone, so that values are proportional to radiance;
2. local light: a smooth random field, and on top a window, lamps, a gradient or a light from behind, so that
   the range grows by five to eight stops;
3. exposure at -4, -1 and +2 EV, 0 EV bringing the log-average to 18 %;
4. sensor: Poisson noise of a full well of 12 000 electrons, read noise of 6 electrons, clipping at the full;
5. response: the sRGB curve, rounded to 8 bits.

The brackets are therefore synthetic, and scores on them say that things work, not how well.
"""

import importlib.util
import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from kornia.color import linear_rgb_to_rgb, rgb_to_linear_rgb
from numpy.typing import NDArray
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_float
from hdr_lightning.scenes import folder
from hdr_lightning.scenes.cache import default_cache_dir
from hdr_lightning.scenes.scene import Scene

Random = np.random.Generator
Floats = NDArray[np.float64]

PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
    "tissue": "ihc.png",
}
LONG_SIDE = 384
FOLDER = "demo-1"
"""Name of the folder of the scenes inside a cache; a changed camera model gets a new one."""
STOPS = (-4.0, -1.0, 2.0)

_FULL_WELL, _READ_NOISE = 12_000.0, 6.0
_README = """Synthetic exposure brackets, made by hdr-lightning (hdr_lightning/scenes/demo.py).

Each folder holds one photograph of the scikit-image package under one artificial light, as a camera model
would record it at -4, -1 and +2 EV. Nothing here was bracketed by a real camera. The folder can be deleted:
it is made again when it is needed.
"""


def find(root: Path | None) -> list[Scene]:
    """The demo scenes, written first where they are missing; scenes of one photograph are one group.

    Args:
        root: Folder for the scenes; None for one in the default cache folder.

    Raises:
        InputError: The folder holds something else, or cannot be written.
    """
    root = root or default_cache_dir() / FOLDER
    if not (root / "README.txt").is_file():
        _write_all(root)
    return [replace(scene, group=scene.name.split("-")[0]) for scene in folder.find(root)]


def bracket(photograph: np.ndarray, light: str, random: Random) -> list[np.ndarray]:
    """What the camera records of a photograph under an artificial light, at each of `STOPS`.

    Args:
        photograph: (H, W, 3) RGB, uint8.
        light: One of `LIGHTS`.
        random: Decides where the light comes from, and the noise.

    Returns:
        Images (H, W, 3) uint8, dark to bright.
    """
    reflectance = _linear(photograph / 255.0)
    stops = _smooth_field(photograph.shape[:2], random) + LIGHTS[light](photograph.shape[:2], random)
    radiance = (reflectance + 1e-3) * np.exp2(stops)[..., None]
    middle = 0.18 * radiance / np.exp(np.log(radiance).mean())
    return [_record(middle * 2.0**stop, random) for stop in STOPS]


def _record(irradiance: Floats, random: Random) -> np.ndarray:
    electrons = random.poisson(np.minimum(irradiance, 4.0) * _FULL_WELL).astype(float)
    electrons += random.normal(0.0, _READ_NOISE, electrons.shape)
    signal = np.clip(electrons / _FULL_WELL, 0.0, 1.0)
    return np.round(_response(signal) * 255).astype(np.uint8)


def _linear(encoded: Floats) -> Floats:
    """Undo the sRGB curve (IEC 61966-2-1)."""
    return rgb_to_linear_rgb(_planes(encoded)).movedim(0, -1).numpy()


def _response(linear: Floats) -> Floats:
    """The sRGB curve (IEC 61966-2-1)."""
    return linear_rgb_to_rgb(_planes(linear)).movedim(0, -1).numpy()


def _planes(pixels: Floats) -> Tensor:
    return torch.from_numpy(pixels).movedim(-1, 0)


# Lights: (H, W) and a generator -> stops (H, W) of light, relative to the unlit scene.


def _grid(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Coordinates (y, x) in units of the long side, from the upper left corner."""
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    return y, x


def _smooth_field(shape: tuple[int, ...], random: Random) -> Floats:
    """Unevenness of any real light: a few waves, within about one stop."""
    y, x = _grid(shape)
    waves = [np.cos(2 * np.pi * (a * x + b * y + c)) for a, b, c in random.uniform(-1.5, 1.5, (4, 3))]
    return 0.35 * np.sum(waves, axis=0)


def _window(shape: tuple[int, ...], random: Random) -> Floats:
    """Sunlight through a window of two by two panes falls on the scene, five stops above the rest."""
    y, x = _grid(shape)
    high, wide = shape[0] / max(shape), shape[1] / max(shape)
    top, left = random.uniform(0.05, 0.4) * high, random.uniform(0.05, 0.45) * wide
    v, u = (y - top) / (0.5 * high), (x - left) / (0.42 * wide)
    panes = (np.minimum(abs(v - 0.25), abs(v - 0.75)) < 0.22) & (
        np.minimum(abs(u - 0.25), abs(u - 0.75)) < 0.22
    )
    sharp = cv2.GaussianBlur(panes.astype(float), (0, 0), 1.0)
    spill = cv2.GaussianBlur(panes.astype(float), (0, 0), 0.08 * max(shape))
    return 5.0 * sharp + 1.5 * spill * (1 - sharp)


def _lamps(shape: tuple[int, ...], random: Random) -> Floats:
    """Three lamps, each up to seven stops above the dark that surrounds them."""
    y, x = _grid(shape)
    light = np.full(shape, 0.03)
    for _ in range(3):
        v, u = random.uniform(0.15, 0.85, 2) * np.array(shape) / max(shape)
        distance = np.hypot(y - v, x - u)
        light += 4.0 / (1 + (distance / random.uniform(0.05, 0.09)) ** 2) ** 2
    return np.log2(light)


def _dusk(shape: tuple[int, ...], random: Random) -> Floats:
    """A gradient of eight stops across the scene, from a random side."""
    y, x = _grid(shape)
    angle = random.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * x + np.sin(angle) * y
    return 8.0 * (slope - slope.min()) / np.ptp(slope)


def _backlight(shape: tuple[int, ...], random: Random) -> Floats:
    """A bright upper part over a dark foreground, five and a half stops apart, with a rolling horizon."""
    y, x = _grid(shape)
    height = random.uniform(0.35, 0.6) * shape[0] / max(shape)
    horizon = height + 0.06 * np.sin(2 * np.pi * (random.uniform(0.6, 1.6) * x + random.uniform()))
    return 5.5 / (1 + np.exp((y - horizon) / 0.012))


LIGHTS: dict[str, Callable[[tuple[int, ...], Random], Floats]] = {
    "window": _window,
    "lamps": _lamps,
    "dusk": _dusk,
    "backlight": _backlight,
}


def _write_all(root: Path) -> None:
    """Make every scene beside `root` and rename the whole: another process sees all of it or nothing."""
    draft = root.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        for index, (name, file) in enumerate(PHOTOGRAPHS.items()):
            photograph = _shrunk(read_image(photograph_path(file)))
            for number, light in enumerate(LIGHTS):
                exposures = bracket(photograph, light, np.random.default_rng([index, number]))
                for k, pixels in enumerate(exposures, start=1):
                    write_image(draft / f"{name}-{light}" / f"{k}.png", to_float(pixels))
        (draft / "README.txt").write_text(_README)
        draft.rename(root)
    except OSError as error:
        if not (root / "README.txt").is_file():  # else another process was faster
            raise InputError(
                f"Expected a new or empty folder for the demo. Got {root}: {error.strerror}"
            ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def photograph_path(file: str) -> Path:
    """Where scikit-image keeps a photograph, found without importing it."""
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        raise InputError("Expected scikit-image, whose photographs the demo shows. Got no such package")
    return Path(package.origin).parent / "data" / file


def _shrunk(photograph: np.ndarray) -> np.ndarray:
    scale = LONG_SIDE / max(photograph.shape)
    return cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
