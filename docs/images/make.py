"""The pictures of the documentation, of a photograph that comes with scikit-image.

Run `python docs/images/make.py`. The motorcycle in a garage is seen by the camera model of the demo
(hdr_lightning/scenes/demo.py) under a light that falls off by eight stops; the exposures are six stops apart.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hdr_lightning import fuse
from hdr_lightning.fusion.deghost import Deghost
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.scenes import demo

HERE = Path(__file__).parent
WIDTH, GAP, LINE = 400, 6, 24
METHODS = ("average", "mertens", "variance", "adaptive", "bandnet", "bandnet+refine:30")
BLENDINGS = (
    "weighted_sum",
    "weighted_sum:ycbcr",
    "multiband",
    "multiband:in_range",
    "multiband:matched",
    "multiband:ycbcr",
)
LOOKS = ("brightness", "highlights", "shadows", "saturation")


def exposures(name: str = "motorcycle", light: str = "dusk") -> list[np.ndarray]:
    """What the camera records, dark to bright."""
    photograph = read_image(demo.photograph_path(demo.PHOTOGRAPHS[name]))
    return demo.bracket(photograph, light, np.random.default_rng(3))


def passing() -> list[np.ndarray]:
    """The same with the portrait of a cat that is carried past between the two exposures."""
    garage = read_image(demo.photograph_path(demo.PHOTOGRAPHS["motorcycle"]))
    cat = read_image(demo.photograph_path(demo.PHOTOGRAPHS["cat"]))[:240:2, 60:380:2]
    y, x = (np.linspace(-1, 1, side) for side in cat.shape[:2])
    oval = np.hypot(y[:, None], x[None]) < 1
    seen = []
    for left in (180, 360):
        there = garage.copy()
        there[10:130, left : left + 160][oval] = cat[oval]
        seen.append(demo.bracket(there, "dusk", np.random.default_rng(3)))
    return [seen[0][1], seen[1][2]]


def panel(pictures: dict[str, np.ndarray], columns: int, file: str) -> None:
    """Pictures with their names above, so many side by side."""
    font = ImageFont.load_default(15)
    small = {name: scaled(picture) for name, picture in pictures.items()}
    height = max(picture.height for picture in small.values()) + LINE
    rows = -(-len(small) // columns)
    sheet = Image.new("RGB", (columns * (WIDTH + GAP) - GAP, rows * (height + GAP) - GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (name, picture) in enumerate(small.items()):
        x, y = place % columns * (WIDTH + GAP), place // columns * (height + GAP)
        draw.text((x + 2, y + 2), name, "black", font)
        sheet.paste(picture, (x, y + LINE))
    sheet.save(HERE / file, quality=82, optimize=True)


def scaled(picture: np.ndarray) -> Image.Image:
    """(H, W, 3) as wide as a column."""
    size = (WIDTH, round(picture.shape[0] * WIDTH / picture.shape[1]))
    return Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Write every picture beside this file."""
    under, middle, over = exposures()
    pair = [under, over]
    panel({"under-exposed": under, "over-exposed": over, "hdr-fuse": fuse(pair)}, 3, "before_after.jpg")
    panel({name: fuse(pair, name) for name in METHODS}, 3, "methods.jpg")
    panel({f"variance+{name}": fuse(pair, "variance", name) for name in BLENDINGS}, 3, "blendings.jpg")
    panel({"one photograph": middle, "hdr-fuse one.jpg": fuse([middle])}, 2, "single.jpg")
    looks = {f"--{name} {value}": fuse(pair, **{name: value}) for name in LOOKS for value in (-0.6, 0.6)}
    panel(looks, 2, "looks.jpg")
    ghosts_panel()


def ghosts_panel() -> None:
    """What moves, fused without and with deghosting, and where it was replaced."""
    pair = passing()
    ghosts = cv2.resize(Deghost().agree(pair).ghosts.max(axis=0), pair[0].shape[1::-1])
    pictures = {
        "darker exposure": pair[0],
        "brighter exposure": pair[1],
        "--deghost off": fuse(pair, deghost="off"),
        "hdr-fuse": fuse(pair),
        "--reference 2": fuse(Deghost().agree(pair, 1).photographs, deghost="off"),
        "--ghosts-out": np.repeat(np.rint(255 * ghosts).astype(np.uint8)[..., None], 3, axis=2),
    }
    panel(pictures, 3, "ghosts.jpg")


if __name__ == "__main__":
    main()
