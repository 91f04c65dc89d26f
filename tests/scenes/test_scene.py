from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import find_scenes

Put = Callable[..., None]


def test_fewer_than_two_exposures_are_named(put: Put, tmp_path: Path) -> None:
    put(tmp_path / "good" / "1.png")
    put(tmp_path / "good" / "2.png")
    (tmp_path / "bad").mkdir()
    with pytest.raises(InputError, match=r"at least two exposures in .*bad\. Got none"):
        find_scenes("folder", tmp_path)
    put(tmp_path / "bad" / "only.png")
    with pytest.raises(InputError, match=r"at least two exposures in .*bad\. Got only\.png"):
        find_scenes("folder", tmp_path)


def test_links_out_of_the_root_are_refused(put: Put, tmp_path: Path) -> None:
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


def test_references_are_no_exposures(put: Put, tmp_path: Path) -> None:
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


def test_two_references_are_named(put: Put, tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "reference.png", "REFERENCE.jpg"):
        put(tmp_path / "a" / name)
    with pytest.raises(InputError, match=r"at most one reference in .*a\. Got .*reference\.png"):
        find_scenes("folder", tmp_path)
