from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import LAYOUTS, find_scenes

Put = Callable[..., None]


def test_exposures_choose_what_a_scene_uses(put: Put, tmp_path: Path) -> None:
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
    put: Put, tmp_path: Path, count: int, picks: list[tuple[int, int]]
) -> None:
    for k in range(count):
        put(tmp_path / "a" / f"{k}.png")
    assert [scene.pick for scene in find_scenes("folder", tmp_path, "wide_pairs")] == picks


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"demo"}))
def test_missing_or_empty_root_is_named(tmp_path: Path, layout: str) -> None:
    with pytest.raises(InputError, match="Got no root"):
        find_scenes(layout, None)
    with pytest.raises(InputError, match=r"existing folder as root.*absent"):
        find_scenes(layout, tmp_path / "absent")
    with pytest.raises(InputError, match=r"Expected .*in"):
        find_scenes(layout, tmp_path)


def test_unknown_words_list_the_choices(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"demo, folder, pairs, sice, mefb. Got 'hdrps'"):
        find_scenes("hdrps", tmp_path)
    with pytest.raises(InputError, match=r"pair, wide_pairs, all_pairs, stack. Got 'triple'"):
        find_scenes("folder", tmp_path, "triple")


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
