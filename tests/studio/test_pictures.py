"""What the page lays over a result shows the weights."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from hdr_lightning.brackets.bracket import FusedBracket
from hdr_lightning.studio.pictures import write_overlays, write_thumbnail


def test_overlays_are_as_opaque_as_weights_are_large(tmp_path: Path) -> None:
    share = torch.linspace(0, 1, 80).expand(60, 80)
    weights = torch.stack([share, 1 - share])[:, None]
    moving = np.zeros((2, 6, 8), np.float32)
    moving[1, :, :4] = 1
    fused = FusedBracket(torch.zeros(3, 60, 80), weights, 0.0, (1, 0), 0.0, [], moving)
    shown = write_overlays(tmp_path, fused, [Path("a/bright.jpg"), Path("a/dark.jpg")])
    assert [overlay["name"] for overlay in shown] == [
        "Which exposure counts",
        "Weight of dark.jpg",
        "Weight of bright.jpg",
        "What moved",
    ]
    mixed, dark, bright, ghosts = (np.asarray(Image.open(tmp_path / overlay["picture"])) for overlay in shown)
    opacity = share.numpy() * 235
    assert np.abs(dark[..., 3] - opacity).max() < 12 and np.abs(bright[..., 3] - opacity[:, ::-1]).max() < 12
    assert ghosts[:, :30, 3].min() > 140 and ghosts[:, 50:, 3].max() < 30
    (first, dark_colour), (last, bright_colour) = shown[0]["legend"]
    assert (first, last) == ("dark.jpg", "bright.jpg")
    for colour, column in ((dark_colour, -1), (bright_colour, 0)):
        expected = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert np.abs(mixed[30, column, :3] - np.array(expected, float)).max() < 25


def test_thumbnails(tmp_path: Path) -> None:
    Image.new("RGB", (600, 400), (10, 200, 90)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"nothing")
    name = write_thumbnail(tmp_path, 0, tmp_path / "a.png")
    with Image.open(tmp_path / str(name)) as picture:
        assert picture.size == (240, 160)
    assert write_thumbnail(tmp_path, 1, tmp_path / "b.png") is None
