from collections.abc import Callable
from pathlib import Path

from hdr_lightning.scenes import find_scenes

Put = Callable[..., None]


def test_folder_sorts_naturally_and_keeps_to_images(put: Put, tmp_path: Path) -> None:
    for scene in ("scene10", "Scene2", "scene1"):
        for k in (10, 9, 1):
            put(tmp_path / scene / f"{k}.JPEG")
        for noise in (".DS_Store", "Thumbs.db", "notes.txt", "._1.jpg"):
            (tmp_path / scene / noise).write_text("x")
    (tmp_path / "README.md").write_text("x")
    (tmp_path / ".git").mkdir()
    scenes = find_scenes("folder", tmp_path, "stack")
    assert [scene.name for scene in scenes] == ["scene1", "Scene2", "scene10"]
    assert [file.name for file in scenes[0].files] == ["1.JPEG", "9.JPEG", "10.JPEG"]
