from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.figures.drawing import Panel, draw


def panel(level: float) -> Panel:
    return Panel("$x^", torch.full((1, 40, 60), level))  # a caption is never mathematics


def test_figure_is_written_as_png_and_pdf_with_panels_in_their_places(tmp_path: Path) -> None:
    rows = [[panel(0.2)], [panel(0.4), panel(0.6)]]
    png, pdf = draw(rows, tmp_path / "deep" / "fig.1")
    assert (png.name, pdf.name) == ("fig.1.png", "fig.1.pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
    pixels = np.asarray(Image.open(png).convert("L"))
    height, width = pixels.shape
    assert width == round(7.2 * 300)
    places = {0.2: (0.25, 0.5), 0.4: (0.72, 0.25), 0.6: (0.72, 0.75)}  # the lone panel stands in the middle
    for level, (y, x) in places.items():
        assert pixels[int(y * height), int(x * width)] == round(255 * level)


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Expected a writable place"):
        draw([[panel(0.5)]], tmp_path / "file" / "fig")
