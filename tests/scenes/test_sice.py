from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import find_scenes

Put = Callable[..., None]


def test_sice_joins_its_parts_without_the_labels(put: Put, tmp_path: Path) -> None:
    for part in ("Dataset_Part1", "Dataset_Part2"):
        for k in (1, 2):
            put(tmp_path / part / "7" / f"{k}.JPG")
        put(tmp_path / part / "Label" / "7.JPG")
    scenes = find_scenes("sice", tmp_path)
    assert [scene.name for scene in scenes] == ["7", "part2-7"]
    with pytest.raises(InputError, match="Expected Dataset_Part1 or Dataset_Part2"):
        find_scenes("sice", tmp_path / "Dataset_Part1")


def test_sice_labels_belong_to_the_scene_of_their_name(put: Put, tmp_path: Path) -> None:
    for part in ("Dataset_Part1", "Dataset_Part2"):
        for scene in ("7", "8"):
            for k in (1, 2):
                put(tmp_path / part / scene / f"{k}.JPG")
        put(tmp_path / part / "Label" / "7.JPG")
    found = {scene.name: scene.reference for scene in find_scenes("sice", tmp_path)}
    assert found == {
        "7": tmp_path / "Dataset_Part1" / "Label" / "7.JPG",
        "8": None,
        "part2-7": tmp_path / "Dataset_Part2" / "Label" / "7.JPG",
        "part2-8": None,
    }
