"""A bracket for those who have none at hand."""

from pathlib import Path

import numpy as np

from hdr_lightning.files import write_bytes
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.writing import encode
from hdr_lightning.levels import to_float
from hdr_lightning.scenes import demo

NAMES = ("garage_1.jpg", "garage_2.jpg", "garage_3.jpg")


def write_demo(folder: Path) -> None:
    """Write three exposures of a garage at dusk, see `scenes.demo`."""
    photograph = read_image(demo.photograph_path(demo.PHOTOGRAPHS["motorcycle"]))
    exposures = demo.bracket(photograph, "dusk", np.random.default_rng(3))
    for name, pixels in zip(NAMES, exposures, strict=True):
        write_bytes(folder / name, encode(to_float(pixels), ".jpg", 8, 95))
