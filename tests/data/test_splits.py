from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.data.splits import (
    Source,
    Splits,
    refuse_overlap,
    scenes_for,
    scenes_of,
    sources_from,
    split_by_file,
    split_by_group,
)
from hdr_lightning.errors import InputError
from hdr_lightning.scenes import Scene

Found = list[tuple[Source, Scene]]


def found(count: int, layout: str = "folder", per_group: int = 3) -> Found:
    source = Source(layout, "/data/brackets")
    return [
        (source, Scene(f"s{i}", (Path(f"/{i}/1.png"), Path(f"/{i}/2.png")), f"g{i // per_group}"))
        for i in range(count)
    ]


def make_scene(folder: Path, names: tuple[str, ...] = ("1.png", "2.png")) -> None:
    folder.mkdir(parents=True)
    for name in names:
        Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(folder / name)


def test_groups_stay_together_and_nothing_is_lost() -> None:
    splits = split_by_group(found(60), 0.2, 0.3)
    groups = [{scene.group for scene in part} for part in splits]
    assert [len(part) for part in groups] == [10, 4, 6]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    assert sum(map(len, splits)) == 60


def test_split_depends_on_names_alone() -> None:
    assert {s.name for s in split_by_group(found(60), 0.2, 0.3).test} == {
        s.name for s in split_by_group(found(60)[::-1], 0.2, 0.3).test
    }


@pytest.mark.parametrize(("val", "test", "counts"), [(0, 0, [9, 0, 0]), (0.01, 0.01, [3, 3, 3])])
def test_fraction_above_zero_gets_a_group(val: float, test: float, counts: list[int]) -> None:
    assert [len(part) for part in split_by_group(found(9), val, test)] == counts


def test_impossible_fractions_are_named() -> None:
    with pytest.raises(InputError, match=r"data\.val_fraction and data\.test_fraction.*Got 0\.5 and 0\.5"):
        split_by_group(found(9), 0.5, 0.5)
    with pytest.raises(InputError, match=r"more than 2 groups of scenes.*Got 2"):
        split_by_group(found(6), 0.1, 0.1)
    assert split_by_group([], 0.1, 0.1) == Splits([], [], [])


def test_test_only_layout_goes_to_the_test() -> None:
    splits = split_by_group(found(9) + found(5, "mefb"), 0.1, 0.1)
    assert [len(part) for part in splits] == [3, 3, 8]


def test_file_decides_by_data_set_and_scene(tmp_path: Path) -> None:
    table = tmp_path / "splits.csv"
    table.write_text("scene,split,dataset\ng0,val,brackets\ng0,train,other\ng1,test,\n")
    splits = split_by_file(found(6), table)
    assert [[scene.name for scene in part] for part in splits] == [[], ["s0", "s1", "s2"], ["s3", "s4", "s5"]]
    table.write_text("scene,split\ng0,train\ng1,train\n")
    assert len(split_by_file(found(6), table).train) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scene,split\ng0,train\n", r"a row for every scene in .*splits\.csv. Got none for s3"),
        ("scene,split\ng0,training\n", r"split out of train, val, test in .*splits\.csv. Got .*training"),
        ("name,split\ng0,train\n", r"Expected a scene and a split"),
        (
            "scene,split\ng0,train\ng1,val\ng0,test\n",
            r"one split for each scene in .*splits\.csv. Got two for g0",
        ),
        (None, r"readable CSV file as data\.split_file. Got .*splits\.csv"),
    ],
)
def test_bad_split_file_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "splits.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        split_by_file(found(6), tmp_path / "splits.csv")


def test_binary_split_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_bytes(b"\xff\xfe\x00\x81scene")
    with pytest.raises(InputError, match=r"splits\.csv"):
        split_by_file(found(6), tmp_path / "splits.csv")


def test_benchmark_is_never_trained_on(tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("scene,split\ng0,train\n")
    with pytest.raises(InputError, match=r"split test for layout mefb. Got s0 in train"):
        split_by_file(found(3, "mefb"), tmp_path / "splits.csv")
    with pytest.raises(InputError, match=r"mefb in data\.test_sources only"):
        scenes_for([Source("mefb", str(tmp_path))], "val", tmp_path)


def test_names_are_unique_over_sources(tmp_path: Path) -> None:
    for root in ("old", "new", "other/new"):
        make_scene(tmp_path / root / "1")
    old, new, twin = (Source("folder", str(tmp_path / root)) for root in ("old", "new", "other/new"))
    assert [scene.name for _, scene in scenes_of([old], tmp_path)] == ["1"]
    assert [scene.name for _, scene in scenes_of([old, new], tmp_path)] == ["old-1", "new-1"]
    with pytest.raises(InputError, match=r"every scene once. Got new-1"):
        scenes_of([old, new, twin], tmp_path)


def test_overlap_is_refused() -> None:
    scenes = [scene for _, scene in found(2)]
    with pytest.raises(InputError, match=r"Got /0/1\.png in both"):
        refuse_overlap(Splits(scenes, [], scenes[:1]))
    refuse_overlap(Splits(scenes[:1], scenes[1:], scenes[1:]))


def test_overlap_by_a_link_is_refused(tmp_path: Path) -> None:
    make_scene(tmp_path / "data" / "a")
    (tmp_path / "data" / "b").symlink_to(tmp_path / "data" / "a")
    scenes = [scene for _, scene in scenes_of([Source("folder", str(tmp_path / "data"))], tmp_path)]
    with pytest.raises(InputError, match=r"Got .*/b/1\.png in both"):
        refuse_overlap(Splits(scenes[:1], scenes[1:], []))


@pytest.mark.parametrize("description", [{"root": "x"}, {"layout": "sice", "rot": "x"}])
def test_bad_source_is_named(description: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"layout, root and exposures in data\.val_sources. Got"):
        sources_from([description], "val_sources")
