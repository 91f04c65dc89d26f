"""Folders that are no brackets or data sets, and places where nothing can be written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


def put(*names: str, size: tuple[int, int] = (48, 64)) -> None:
    """Photographs in the current folder."""
    for number, name in enumerate(names, start=1):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(number)
        Image.fromarray(random.integers(0, 256, (*size, 3), dtype=np.uint8)).save(name)


def scenes(*names: str) -> None:
    put(*(f"data/{name}/{number}.png" for name in names for number in (1, 2)))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("precious")
    put("in/1.png", "in/2.png")
    return tmp_path


def nothing() -> None:
    """The folder as it is."""


FUSE: dict[str, tuple[Callable[[], object], str, str]] = {
    "empty": (lambda: Path("empty").mkdir(), "empty -o out.png", "empty"),
    "no images": (lambda: Path("notes").mkdir() or Path("notes/a.txt").touch(), "notes -o out.png", "notes"),
    "missing": (nothing, "nowhere -o out.png", "nowhere"),
    "images and folders": (lambda: put("in/more/1.png"), "in -o out.png", "both"),
    "files and folders": (nothing, "in in/1.png -o out.png", "both"),
    "twice": (nothing, "in/1.png in/1.png -o out.png", "twice"),
    "twice by a link": (lambda: Path("a.png").symlink_to("in/1.png"), "in/1.png a.png -o out.png", "twice"),
    "no match": (nothing, "in/*.gif -o out.png", "*.gif"),
    "two sizes": (lambda: put("in/3.png", size=(40, 40)), "in -o out.png", "3.png"),
    "folders of one name": (lambda: put("x/in/1.png", "x/in/2.png"), "in x/in -o out", "x/in"),
    "several to one file": (lambda: put("b/1.png", "b/2.png"), "in b -o out.png", "out.png"),
    "several to a pipe": (lambda: put("b/1.png", "b/2.png"), "in b -o -", "-o -"),
    "folder to nowhere": (nothing, "in", "-o"),
    "onto an exposure": (nothing, "in/1.png in/2.png -o in/1.png --force", "in/1.png"),
    "onto a file": (lambda: put("out.png"), "in -o out.png", "out.png"),
    "into the bracket": (nothing, "in -o in/out.png", "in/out.png"),
    "into a file": (nothing, "in -o file/out.png", "file"),
    "to no image": (nothing, "in/1.png in/2.png -o out.gif", "out.gif"),
    "to a file without ending": (nothing, "in/1.png in/2.png -o file", "file"),
    "to another format": (nothing, "in -o out.png --format jpg", "out.png"),
    "16 bits of JPEG": (nothing, "in -o out.jpg --bits 16", "out.jpg"),
    "weights into a file": (nothing, "in -o out.png --weights-out file", "file"),
    "weights onto others": (lambda: put("w/in/1.png"), "in -o out.png --weights-out w", "w/in"),
    "ghosts into a file": (nothing, "in -o out.png --ghosts-out file", "file"),
    "no such method": (nothing, "in -o out.png --method mertns", "mertens"),
    "no such blending": (nothing, "in -o out.png --blend sum", "weighted_sum"),
    "refined by no steps": (nothing, "in -o out.png --refine 0", "refine"),
    "refined sum": (nothing, "in -o out.png --method average --refine 3", "multiband"),
    "refined on no pixels": (nothing, "in -o out.png --refine 3:nan", "refine"),
    "too small to refine": (
        lambda: put("s/1.png", "s/2.png", size=(9, 9)),
        "s -o o.png --refine 1 --group off",
        "44",
    ),
    "nothing to align": (
        lambda: put("n/1.png", "n/2.png"),
        "n -o out.png --align always --group off",
        "align",
    ),
}


@pytest.mark.parametrize("kind", FUSE)
def test_hdr_fuse_names_the_place(refused: Any, kind: str) -> None:
    prepare, words, names = FUSE[kind]
    prepare()
    refused("fuse", *words.split(), names=names)


def test_names_from_standard_input_that_are_none(refused: Any) -> None:
    refused("fuse", "-", "-o", "out.png", names="Got none")


def split_file(text: str) -> Callable[[], object]:
    return lambda: (scenes("a", "b", "c"), Path("split.csv").write_bytes(text.encode("latin-1")))


def loops() -> None:
    scenes("a", "b", "c")
    Path("data/b/1.png").unlink()
    Path("data/b/1.png").symlink_to("1.png")


def link_out(link: str, target: str) -> Callable[[], object]:
    return lambda: (scenes("a", "b"), put("secret/1.png", "secret/2.png"), os.symlink(target, link))


SPLIT = {"data.split_file": "split.csv"}
DATA: dict[str, tuple[Callable[[], object], dict[str, object], str]] = {
    "one exposure": (lambda: (scenes("a"), put("data/b/1.png")), {}, "data/b"),
    "photograph outside": (link_out("data/b/3.png", "../../secret/1.png"), {}, "data/b/3.png"),
    "name of other bytes": (lambda: (scenes("a"), put("data/b\udcff/1.png")), {}, "udcff"),
    "split file missing": (lambda: scenes("a"), {"data.split_file": "nowhere.csv"}, "nowhere.csv"),
    "split file of bytes": (split_file("\xff\xfe\x00"), SPLIT, "split.csv"),
    "split file of another kind": (split_file("name,kind\na,train\n"), SPLIT, "split.csv"),
    "split file with another split": (split_file("scene,split\na,tain\n"), SPLIT, "tain"),
    "split file too short": (split_file("scene,split\na,train\n"), SPLIT, "for b"),
    "split file of paths": (split_file("scene,split\n../secret,train\na,train\n"), SPLIT, "for b"),
    "cache too small": (lambda: scenes("a", "b", "c", "d"), {"data.cache_gb": 1e-9}, "cache_gb"),
    "cache in a file": (lambda: scenes("a", "b", "c", "d"), {"data.cache_dir": "file"}, "file"),
}


@pytest.mark.parametrize("kind", DATA)
def test_run_names_the_place(refused_run: Any, kind: str) -> None:
    prepare, changes, names = DATA[kind]
    prepare()
    refused_run(changes, names=names)


TRAIN = ("train", "data=folder", "data.root=data", "trainer=cpu", "logger=none", "run_dir=out")
EVALUATE = ("evaluate", "data=folder", "data.root=data", "methods=[average]", "output=out")


@pytest.mark.parametrize("command", [TRAIN, EVALUATE], ids=["train", "evaluate"])
def test_commands_name_the_place(refused: Any, command: tuple[str, ...]) -> None:
    refused(*command, "data.root=b\udcff", names="udcff")
    scenes("a", "b", "c", "d")
    refused(*command, "data.cache_dir=file", names="file")
    put("secret/1.png")
    os.symlink("../../secret/1.png", "data/b/3.png")
    refused(*command[:-1], command[-1] + "2", names="data/b/3.png")


ROOTS: dict[str, tuple[Callable[[], object], str, str]] = {
    "no root": (nothing, "--data folder", "root"),
    "missing": (nothing, "--data folder --root nowhere", "nowhere"),
    "a file": (nothing, "--data folder --root file", "file"),
    "empty": (lambda: Path("data").mkdir(), "--data folder --root data", "data"),
    "one exposure": (lambda: (scenes("a"), put("data/b/1.png")), "--data folder --root data", "data/b"),
    "no photographs": (lambda: (scenes("a"), Path("data/b").mkdir()), "--data folder --root data", "data/b"),
    "no folders": (lambda: put("data/1.png", "data/2.png"), "--data folder --root data", "data"),
    "another layout: pairs": (lambda: scenes("a"), "--data pairs --root data", "under"),
    "another layout: sice": (lambda: scenes("a"), "--data sice --root data", "Dataset_Part1"),
    "another layout: mefb": (lambda: scenes("a"), "--data mefb --root data", "_A"),
    "scene outside": (link_out("data/c", "../secret"), "--data folder --root data", "data/c"),
    "scene that is the root": (
        lambda: (scenes("a"), os.symlink(".", "data/b")),
        "--data folder --root data",
        "data/b",
    ),
    "link to itself": (loops, "--data folder --root data --scene b", "data/b/1.png"),
}


@pytest.mark.parametrize("kind", ROOTS)
def test_hdr_figures_names_the_place(refused: Any, kind: str) -> None:
    prepare, words, names = ROOTS[kind]
    prepare()
    refused("figures", "gammas", "-o", "out/fig", *words.split(), names=names)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", "published.csv"),
        (b"\xff\xfe\x00", "published.csv"),
        (b"scene,Paper\na,good\n", "published.csv"),
        (b"scene,Paper\nz,0.9\n", "published.csv"),
    ],
)
def test_evaluate_names_published_scores(refused: Any, content: bytes, names: str) -> None:
    scenes("a", "b")
    Path("published.csv").write_bytes(content)
    refused(*EVALUATE, "published=published.csv", names=names)


def test_evaluate_names_the_output_inside_the_data_set(refused: Any) -> None:
    scenes("a", "b")
    refused(*EVALUATE, "output=data/out", names="data/out")
