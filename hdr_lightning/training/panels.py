"""Pictures to look at: labelled tiles of a scene side by side, and the files of a fused scene."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from hdr_lightning.imaging.reading import shrink
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_pixels

TILE = 320
"""Pixels of a tile's longer side."""
CAPTION = 22
"""Pixels of the line of text above a tile."""


def panel(tiles: dict[str, Tensor], columns: int) -> Image.Image:
    """Lay out labelled images in rows.

    Args:
        tiles: Caption and image, (3, H, W) or (1, H, W) in [0, 1], all of one size.
        columns: Tiles in a row.
    """
    small = {caption: to_pixels(shrink(image, TILE).expand(3, -1, -1), 8) for caption, image in tiles.items()}
    height, width = next(iter(small.values())).shape[:2]
    rows = -(-len(small) // columns)
    sheet = Image.new("RGB", (columns * (width + 4), rows * (height + CAPTION)), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for index, (caption, image) in enumerate(small.items()):
        left, top = (index % columns) * (width + 4), (index // columns) * (height + CAPTION)
        draw.text((left + 2, top + 2), caption, fill="black", font=font)
        sheet.paste(Image.fromarray(image), (left, top + CAPTION))
    return sheet


def scene_panel(exposures: Tensor, weights: Tensor, image: Tensor, gamma: Tensor | None) -> Image.Image:
    """Show one scene: exposures, weight maps, what the loss trusts, the fused image and the plain average.

    Args:
        exposures: (K, 3, H, W) in [0, 1].
        weights: (K, 1, H, W).
        image: (3, H, W), the fused image.
        gamma: (K, 1 or 3, H, W), or None for a loss without gamma.
    """
    k = len(exposures)
    names = ["under", "over"] if k == 2 else [f"exposure {n + 1}" for n in range(k)]
    tiles = dict(zip(names, exposures, strict=True))
    tiles |= {"fused": image}
    tiles |= {f"weight {name}": weight for name, weight in zip(names, weights, strict=True)}
    tiles |= {"plain average": exposures.mean(0)}
    if gamma is not None:
        tiles |= {
            f"gamma {name}": part.mean(0, keepdim=True) for name, part in zip(names, gamma, strict=True)
        }
    return panel(tiles, columns=k + 1)


def write_scene(
    folder: Path, exposures: Tensor, weights: Tensor, image: Tensor, gamma: Tensor | None
) -> None:
    """Write the fused image, its weight and gamma maps and the plain average of a scene as PNG files.

    Args:
        folder: Where they go.
        exposures: (K, 3, H, W) in [0, 1].
        weights: (K, 1, H, W).
        image: (3, H, W), the fused image.
        gamma: (K, 1 or 3, H, W), or None for a loss without gamma.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_image(folder / "fused.png", image)
    write_image(folder / "average.png", exposures.mean(0))
    for n, weight in enumerate(weights, start=1):
        write_image(folder / f"weight_{n}.png", weight)
    for n, part in enumerate(() if gamma is None else gamma, start=1):
        write_image(folder / f"gamma_{n}.png", part.mean(0, keepdim=True))
