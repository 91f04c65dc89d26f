"""Images in rows with captions, as PNG and as PDF."""

from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Any, NamedTuple

from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import shrink
from hdr_lightning.levels import to_pixels

SIDE = 1000
"""Pixels of a panel's longer side: sharp in print, and a PDF of a few megabytes."""
WIDTH, NARROWEST, CAPTION, GAP = 7.2, 1.9, 0.22, 0.05
"""Inches: a page's width of text, the least width of a panel, the height of a caption, and between panels."""
LETTERS = [f"({letter}) " for letter in ascii_lowercase]
STYLE: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 8, "parse_math": False}


class Panel(NamedTuple):
    """An image and what stands below it."""

    caption: str
    image: Tensor  # (3, H, W) or (1, H, W) in [0, 1]


def draw(rows: Sequence[Sequence[Panel]], output: Path) -> list[Path]:
    """Draw rows of panels, lettered (a), (b) and so on, and write `output` with the endings .png and .pdf.

    Raises:
        InputError: Matplotlib is not installed, or the files cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("Expected the extra figures: pip install 'hdr-lightning[figures]'") from error
    figure = Figure()
    columns = max(map(len, rows))
    pitch = max(WIDTH / columns, NARROWEST)
    width = pitch - GAP
    height = width * rows[0][0].image.shape[-2] / rows[0][0].image.shape[-1]
    paper = (columns * pitch, len(rows) * (height + CAPTION))
    figure.set_size_inches(*paper)
    ax = figure.add_axes((0, 0, 1, 1))  # the whole paper, measured in inches
    ax.set_axis_off()
    letters = iter(LETTERS)
    for number, row in enumerate(rows, start=1):
        bottom = paper[1] - number * (height + CAPTION) + CAPTION
        left = (paper[0] - len(row) * pitch + GAP) / 2  # a short row stands in the middle
        for place, panel in enumerate(row):
            x = left + place * pitch
            pixels = to_pixels(shrink(panel.image, SIDE).expand(3, -1, -1), 8)
            ax.imshow(pixels, extent=(x, x + width, bottom, bottom + height), interpolation="none")
            ax.text(x + width / 2, bottom - 0.04, next(letters, "") + panel.caption, **STYLE)
    ax.set(xlim=(0, paper[0]), ylim=(0, paper[1]), aspect="auto")
    files = [output.with_name(f"{output.name}.{kind}") for kind in ("png", "pdf")]
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        for file in files:
            figure.savefig(file, dpi=300)
    except OSError as error:
        raise InputError(f"Expected a writable place for {output}. Got: {error.strerror or error}") from error
    return files
