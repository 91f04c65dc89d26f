"""Folders that are no runs, or hold other files than a run writes, and words that no command takes."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.runs.reading import find_runs


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs as training leaves them, in small."""
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("precious")
    for name in ("a", "b"):
        folder = Path("runs", name)
        (folder / "images" / "test" / "scene").mkdir(parents=True)
        (folder / "run.yaml").write_text("state: finished\nparameters: 3\n")
        (folder / "config.yaml").write_text(f"seed: 1\nloss: {{gamma: {name}}}\n")
        (folder / "history.csv").write_text("epoch,seconds,val/mef_ssim\n0,1.5,0.9\n")
        (folder / "scores.csv").write_text("method,scene,mef_ssim\naverage,s,0.5\ntrained,s,0.6\n")
        (folder / "val_scores.csv").write_text("epoch,scene,mef_ssim\n0,v,0.7\n")
        Image.new("RGB", (8, 8)).save(folder / "images" / "test" / "scene" / "fused.png")
    return tmp_path


def holding(name: str, content: str | bytes) -> Callable[[], object]:
    data = content.encode() if isinstance(content, str) else content
    return lambda: Path("runs", "b", name).write_bytes(data)


RUNS: dict[str, tuple[Callable[[], object], str]] = {
    "record of bytes": (holding("run.yaml", b"\xff\xfe\x00"), "b/run.yaml"),
    "record of no YAML": (holding("run.yaml", "a: [1\nb: }"), "b/run.yaml"),
    "record of a list": (holding("run.yaml", "[1, 2]"), "b/run.yaml"),
    "record without a state": (holding("run.yaml", "reason: null\n"), "b/run.yaml"),
    "another state": (holding("run.yaml", "state: <script>\n"), "b/run.yaml"),
    "state of a list": (holding("run.yaml", "state: [finished]\n"), "b/run.yaml"),
    "parameters of text": (holding("run.yaml", "state: finished\nparameters: many\n"), "b/run.yaml"),
    "tag that builds an object": (
        holding("run.yaml", "state: !!python/object/apply:os.system ['touch harmed']\n"),
        "b/run.yaml",
    ),
    "settings of text": (holding("config.yaml", "hello"), "b/config.yaml"),
    "settings of bytes": (holding("config.yaml", b"\x00\x01"), "b/config.yaml"),
    "choices of text": (holding("config.yaml", "choices: hello\n"), "b/config.yaml"),
    "history without epochs": (holding("history.csv", "loss\n0.5\n"), "b/history.csv"),
    "history of text": (holding("history.csv", "epoch,seconds\nfirst,1\n"), "b/history.csv"),
    "history of bytes": (holding("history.csv", b"\xff\xfe\x00"), "b/history.csv"),
    "scores of text": (holding("scores.csv", "method,scene,mef_ssim\ntrained,s,good\n"), "b/scores.csv"),
    "scores without methods": (holding("scores.csv", "scene\ns\n"), "b/scores.csv"),
    "long rows": (holding("val_scores.csv", "scene,mef_ssim\ns,0.5,6,7\n,\n"), "b/val_scores.csv"),
}


@pytest.mark.parametrize("kind", RUNS)
def test_hdr_compare_names_the_file_and_shows_the_others(refused: Any, kind: str) -> None:
    prepare, names = RUNS[kind]
    prepare()
    refused("compare", "runs", names=names)
    assert Path("runs/comparison.html").is_file() and not Path("harmed").exists()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("content", ["", "no image", "bomb", "gif"])
def test_hdr_compare_leaves_out_what_is_no_picture(run: Any, content: str) -> None:
    data = content.encode()
    if content == "bomb":
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    file = Path("runs/b/images/test/scene/fused.png")
    file.write_bytes(data)
    if content == "gif":
        Image.new("RGB", (8, 8)).save(file, format="GIF")
    ended = run("compare", "runs")
    assert (ended.status, ended.err) == (0, "")
    assert Path("runs/comparison.html").read_text().count("data:image/webp") == 1


def test_runs_of_any_name_are_compared(run: Any) -> None:
    Path("runs/a").rename("runs/a\udcff")
    Path("runs").rename("r\udcff")
    for words in (["r\udcff"], ["r\udcff", "--csv"], ["r\udcff", "--latex", "-o", "table.tex"]):
        ended = run("compare", *words)
        assert (ended.status, ended.err) == (0, ""), ended
    assert Path("r\udcff/comparison.html").is_file() and Path("table.tex").is_file()


WORDS = {
    "compare nothing": ("compare", "", "FOLDER"),
    "compare nowhere": ("compare", "nowhere", "nowhere"),
    "compare a file": ("compare", "file", "file"),
    "compare no runs": ("compare", "runs/a/images", "images"),
    "compare onto a folder": ("compare", "runs -o runs", "runs"),
    "compare into a file": ("compare", "runs -o file/page.html", "file"),
    "compare in two forms": ("compare", "runs --csv --latex", "--latex"),
    "compare an unknown table": ("compare", "runs --csv --table epochs", "--table"),
    "compare a table without form": ("compare", "runs --table runs", "--table"),
    "compare with an unknown option": ("compare", "runs --html", "--html"),
    "figures of nothing": ("figures", "", "FIGURE"),
    "figures of something else": ("figures", "faces", "faces"),
    "figures with an unknown option": ("figures", "gammas --colour", "--colour"),
    "figures of an unknown layout": ("figures", "gammas --data mebf", "--data"),
    "figures without a root": ("figures", "gammas --data mefb", "root"),
    "figures of no runs": ("figures", "fused file --data folder --root data", "file"),
    "figures of runs without networks": ("figures", "fused runs --data folder --root data", "runs"),
    "figures with another blending": ("figures", "weights --data folder --root data --blend sum", "sum"),
    "figures of a missing scene": ("figures", "gammas --data folder --root data --scene x", "--scene"),
    "figures into a file": ("figures", "gammas --data folder --root data -o file/fig", "file"),
    "dashboard of nowhere": ("dashboard", "nowhere", "nowhere"),
    "dashboard of no runs": ("dashboard", "runs", "runs"),
    "dashboard of too much": ("dashboard", "runs more", "more"),
    "dashboard at no port": ("dashboard", "runs --port web", "--port"),
    "export nothing": ("export", "", "checkpoint"),
    "export nowhere": ("export", "nowhere.ckpt", "nowhere.ckpt"),
    "export to another kind": ("export", "file -o net.pt", "net.pt"),
    "export onto itself": ("export", "net.safetensors --force", "net.safetensors"),
    "export onto a file": ("export", "net.ckpt -o file.onnx", "file.onnx"),
    "export of no exposures": ("export", "net.ckpt -o net.onnx --exposures two", "--exposures"),
    "export of one exposure": ("export", "net.safetensors -o net.onnx --exposures 1", "--exposures"),
    "export of exposures alone": ("export", "net.ckpt --exposures 2", "--exposures"),
    "export weights into a file": ("export", "net.safetensors -o file/net.safetensors", "file/net"),
    "fuse nothing": ("fuse", "", "images"),
    "fuse with an unknown option": ("fuse", "a.png --speed", "--speed"),
    "fuse at no quality": ("fuse", "a.png --quality 0", "--quality"),
    "fuse with half a bit": ("fuse", "a.png --bits 12", "--bits"),
    "fuse to a raw format": ("fuse", "a.png --format raw", "--format"),
    "fuse by two methods": ("fuse", "a.png --method average --checkpoint x.ckpt", "--checkpoint"),
    "fuse a name of no file": ("fuse", "a\nb.png", "which does not exist"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_commands_name_the_word(refused: Any, kind: str) -> None:
    from hdr_lightning.networks.checkpoints import SHIPPED

    command, words, names = WORDS[kind]
    Path("file.onnx").write_text("precious")
    Path("net.safetensors").write_bytes(SHIPPED.read_bytes())
    for number in (1, 2):
        Path("data", "s").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (48, 48), (90 * number,) * 3).save(f"data/s/{number}.png")
    refused(command, *words.split(" " if words else None), names=names)


TEXTS = st.sampled_from(
    ["epoch,seconds,a\n", "0,1,0.5\n", "state: ", "finished\n", "seed: [", "&a *a\n", '"', "\0"]
)
FILES = ("run.yaml", "config.yaml", "history.csv", "scores.csv", "val_scores.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), text=st.lists(TEXTS | st.text(max_size=8), max_size=6).map("".join))
def test_any_text_is_a_run_or_named(name: str, text: str) -> None:
    Path("runs", "a", name).write_text(text, encoding="utf-8")
    try:
        runs, problems = find_runs([Path("runs/a")])
    except InputError as error:
        problems = str(error).splitlines()[1:]
    else:
        assert len(runs) == 1
    assert all(name in problem and len(problem.splitlines()) == 1 for problem in problems)
    for file in FILES:
        Path("runs/a", file).write_bytes(Path("runs/b", file).read_bytes())
