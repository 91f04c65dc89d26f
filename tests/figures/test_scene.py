from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.figures.scene import read_scene


def test_any_scene_of_a_data_set(brackets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_LIGHTNING_CACHE", str(tmp_path / "cache"))
    scene = read_scene("folder", brackets, "scene_3", "pair")
    assert scene.exposures.shape == (2, 3, 64, 80)
    assert scene.exposures[0].mean() < scene.exposures[1].mean()
    assert read_scene("folder", brackets, None, "pair").name == "scene_0"
    with pytest.raises(InputError, match=r"--scene: Expected one of 8 scenes, as .*scene_.* Got scenes"):
        read_scene("folder", brackets, "scenes", "pair")
