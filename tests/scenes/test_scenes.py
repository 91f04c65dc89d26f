from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import LAYOUTS, find_scenes


def put(path: Path, level: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), level, np.uint8)).save(path)


def test_folder_sorts_naturally_and_keeps_to_images(tmp_path: Path) -> None:
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


def test_exposures_choose_what_a_scene_uses(tmp_path: Path) -> None:
    for k in (1, 2, 3):
        put(tmp_path / "a" / f"{k}.png")
    (pair,) = find_scenes("folder", tmp_path)
    (stack,) = find_scenes("folder", tmp_path, "stack")
    pairs = find_scenes("folder", tmp_path, "all_pairs")
    assert (pair.name, pair.pick, len(pair.files)) == ("a", (0, 2), 3)
    assert (stack.name, stack.pick) == ("a", None)
    assert [(scene.name, scene.pick) for scene in pairs] == [
        ("a:1-2", (0, 1)),
        ("a:1-3", (0, 2)),
        ("a:2-3", (1, 2)),
    ]
    assert {scene.group for scene in pairs} == {"a"}


@pytest.mark.parametrize(
    ("count", "picks"),
    [(2, [(0, 1)]), (3, [(0, 2)]), (4, [(0, 2), (0, 3), (1, 3)]), (5, [(0, 3), (0, 4), (1, 4)])],
)
def test_wide_pairs_lie_half_the_bracket_apart(
    tmp_path: Path, count: int, picks: list[tuple[int, int]]
) -> None:
    for k in range(count):
        put(tmp_path / "a" / f"{k}.png")
    assert [scene.pick for scene in find_scenes("folder", tmp_path, "wide_pairs")] == picks


def test_pairs_wants_one_under_and_one_over(tmp_path: Path) -> None:
    for name in ("Under.JPG", "over.png", "truth.png"):
        put(tmp_path / "a" / name)
    (scene,) = find_scenes("pairs", tmp_path)
    assert {file.name for file in scene.files} == {"Under.JPG", "over.png"}
    put(tmp_path / "a" / "under.png")
    with pytest.raises(InputError, match=r"one under\.\* and one over\.\* in .*a\. Got .*Under\.JPG"):
        find_scenes("pairs", tmp_path)


def test_sice_joins_its_parts_without_the_labels(tmp_path: Path) -> None:
    for part in ("Dataset_Part1", "Dataset_Part2"):
        for k in (1, 2):
            put(tmp_path / part / "7" / f"{k}.JPG")
        put(tmp_path / part / "Label" / "7.JPG")
    scenes = find_scenes("sice", tmp_path)
    assert [scene.name for scene in scenes] == ["7", "part2-7"]
    with pytest.raises(InputError, match="Expected Dataset_Part1 or Dataset_Part2"):
        find_scenes("sice", tmp_path / "Dataset_Part1")


def test_mefb_takes_any_case_and_type(tmp_path: Path) -> None:
    for name in ("Door/Door_A.JPG", "Door/Door_B.tif", "cave/Cave_a.png", "cave/cave_b.jpg"):
        put(tmp_path / name)
    assert [scene.name for scene in find_scenes("mefb", tmp_path)] == ["cave", "Door"]
    put(tmp_path / "Door" / "Door2_B.png")
    with pytest.raises(InputError, match=r"one \*_A\.\* and one \*_B\.\* in .*Door"):
        find_scenes("mefb", tmp_path)


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"demo"}))
def test_missing_or_empty_root_is_named(tmp_path: Path, layout: str) -> None:
    with pytest.raises(InputError, match="Got no root"):
        find_scenes(layout, None)
    with pytest.raises(InputError, match=r"existing folder as root.*absent"):
        find_scenes(layout, tmp_path / "absent")
    with pytest.raises(InputError, match=r"Expected .*in"):
        find_scenes(layout, tmp_path)


def test_fewer_than_two_exposures_are_named(tmp_path: Path) -> None:
    put(tmp_path / "good" / "1.png")
    put(tmp_path / "good" / "2.png")
    (tmp_path / "bad").mkdir()
    with pytest.raises(InputError, match=r"at least two exposures in .*bad\. Got none"):
        find_scenes("folder", tmp_path)
    put(tmp_path / "bad" / "only.png")
    with pytest.raises(InputError, match=r"at least two exposures in .*bad\. Got only\.png"):
        find_scenes("folder", tmp_path)


def test_unknown_words_list_the_choices(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo, folder, pairs, sice, mefb. Got 'hdrps'"):
        find_scenes("hdrps", tmp_path)
    with pytest.raises(InputError, match=r"pair, wide_pairs, all_pairs, stack. Got 'triple'"):
        find_scenes("folder", tmp_path, "triple")


def test_links_out_of_the_root_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "secret" / "1.png")
    put(tmp_path / "secret" / "2.png")
    put(tmp_path / "data" / "a" / "1.png")
    (tmp_path / "data" / "a" / "2.png").symlink_to(tmp_path / "data" / "a" / "1.png")
    assert len(find_scenes("folder", tmp_path / "data")) == 1
    (tmp_path / "data" / "a" / "3.png").symlink_to(tmp_path / "secret" / "1.png")
    with pytest.raises(InputError, match=r"inside .*data. Got .*3\.png, a link out"):
        find_scenes("folder", tmp_path / "data")
    (tmp_path / "data" / "a" / "3.png").unlink()
    (tmp_path / "data" / "b").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=r"Got .*b, a link out"):
        find_scenes("folder", tmp_path / "data")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("layout", "folder", "count"),
    [("sice", "sice", 15), ("folder", "brackets", 50), ("pairs", "pairs", 27), ("mefb", "mefb", 50)],
)
def test_real_data_sets_are_found(shared: Path, layout: str, folder: str, count: int) -> None:
    scenes = find_scenes(layout, shared / "data" / folder)
    assert len(scenes) == len({scene.name for scene in scenes}) == count
    listed = (shared / "data" / "scenes.csv").read_text()
    for scene in scenes:
        assert f"\n{folder},{scene.name}," in listed


def test_references_are_no_exposures(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "Reference.JPG"):
        put(tmp_path / "folder" / "a" / name)
    for name in ("under.png", "over.png", "reference.tif", "other.png"):
        put(tmp_path / "pairs" / "a" / name)
    (stack,) = find_scenes("folder", tmp_path / "folder", "stack")
    (pair,) = find_scenes("pairs", tmp_path / "pairs")
    assert [file.name for file in stack.files] == ["1.png", "2.png"]
    assert {file.name for file in pair.files} == {"under.png", "over.png"}
    assert (stack.reference and stack.reference.name) == "Reference.JPG"
    assert (pair.reference and pair.reference.name) == "reference.tif"
    assert all(scene.reference for scene in find_scenes("folder", tmp_path / "folder", "all_pairs"))


def test_sice_labels_belong_to_the_scene_of_their_name(tmp_path: Path) -> None:
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


def test_two_references_are_named(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "reference.png", "REFERENCE.jpg"):
        put(tmp_path / "a" / name)
    with pytest.raises(InputError, match=r"at most one reference in .*a\. Got .*reference\.png"):
        find_scenes("folder", tmp_path)
