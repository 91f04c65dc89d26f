from pathlib import Path

import numpy as np
import torch
from PIL import Image

from hdr_lightning.training.panels import CAPTION, TILE, panel, scene_panel, write_scene


def constant(value: float, height: int = 30, width: int = 40) -> torch.Tensor:
    return torch.full((3, height, width), value)


def test_panel_shows_every_tile_in_its_place() -> None:
    tiles = {name: constant(value) for name, value in (("a", 0.0), ("b", 0.2), ("c", 0.4))}
    sheet = np.asarray(panel(tiles, columns=2))
    assert sheet.shape == (2 * (30 + CAPTION), 2 * 44, 3)
    assert [sheet[CAPTION + 15, 20, 0], sheet[CAPTION + 15, 64, 0], sheet[30 + 2 * CAPTION + 15, 20, 0]] == [
        0,
        51,
        102,
    ]


def test_large_images_are_shrunk_to_a_tile() -> None:
    assert panel({"a": constant(0.5, 1000, 500)}, columns=1).size == (TILE // 2 + 4, TILE + CAPTION)


def test_scene_panel_takes_any_number_of_exposures() -> None:
    exposures, weights = torch.rand(3, 3, 30, 40), torch.full((3, 1, 30, 40), 1 / 3)
    without = scene_panel(exposures, weights, exposures[0], None)
    with_gamma = scene_panel(exposures, weights, exposures[0], weights)
    assert without.size == (4 * 44, 2 * (30 + CAPTION))
    assert with_gamma.size == (4 * 44, 3 * (30 + CAPTION))


def test_scene_files_hold_image_maps_and_average(tmp_path: Path) -> None:
    exposures = torch.stack([constant(0.2), constant(0.6)])
    weights = torch.stack([constant(0.25)[:1], constant(0.75)[:1]])
    gamma = torch.stack([constant(0.125), constant(0.875)])
    write_scene(tmp_path / "scene", exposures, weights, constant(0.5), gamma)
    values = {file.name: int(np.asarray(Image.open(file)).max()) for file in (tmp_path / "scene").iterdir()}
    assert values == {
        **{"fused.png": 128, "average.png": 102, "weight_1.png": 64, "weight_2.png": 191},
        **{"gamma_1.png": 32, "gamma_2.png": 223},
    }
