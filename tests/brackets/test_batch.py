"""Many brackets: a plan, lines about them, and a card of hundreds whose first run is killed."""

import subprocess
import sys
import time
import warnings
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hdr_lightning import fuse
from hdr_lightning.brackets import batch
from hdr_lightning.brackets.batch import print_plan, run, warnings_as_lines
from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.options import parse
from hdr_lightning.brackets.outputs import Job

BRACKETS = 500
COMMAND = [sys.executable, "-m", "hdr_lightning.commands.fuse"]
WORDS = ["card", "-o", "out", "--method", "average", "--format", "png"]


def write_card(folder: Path) -> list[list[Path]]:
    """Brackets of three tiny photographs with EXIF, each of another scene, in one flat folder."""
    folder.mkdir()
    random, sets, number = np.random.default_rng(0), [], 0
    for place in range(BRACKETS):
        noise = random.normal(size=(32, 48, 3))
        light = np.exp(sum(s * cv2.GaussianBlur(noise, (0, 0), s) for s in (1, 4)))
        sets.append([])
        for stops in (0, -1, 1):
            number += 1
            exif = Image.Exif()
            taken = datetime(2024, 5, 1) + timedelta(seconds=90 * place + number)
            told = {0x829A: 2.0**stops / 60, 0x829D: 8.0, 0x8827: 100}
            exif.get_ifd(0x8769).update(told | {0x9003: taken.strftime("%Y:%m:%d %H:%M:%S")})
            code = np.clip(0.3 * light * 2.0**stops, 0, 1) ** (1 / 2.2)
            sets[-1].append(folder / f"IMG_{number:05d}.jpg")
            Image.fromarray((255 * code).astype(np.uint8)).save(sets[-1][-1], quality=92, exif=exif)
    return sets


@pytest.mark.slow
def test_five_hundred_brackets_go_on_where_they_were_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sets, out = write_card(Path("card")), Path("out")
    first = subprocess.Popen([*COMMAND, *WORDS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for _ in range(3000):
        if first.poll() is not None or len(list(out.glob("[!.]*"))) >= BRACKETS // 5:
            break
        time.sleep(0.1)
    first.kill()
    told = first.communicate()[1].decode()
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.glob("[!.]*")}
    assert BRACKETS // 5 <= len(before) < BRACKETS, told
    second = subprocess.run([*COMMAND, *WORDS], capture_output=True, text=True, check=True)
    assert second.stderr.splitlines()[0].startswith(f"{len(before)} of {BRACKETS} results are there already")
    assert len(second.stdout.splitlines()) == BRACKETS - len(before)
    assert {path.name for path in out.glob("[!.]*")} == {f"{files[0].stem}.png" for files in sets}
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in before} == before
    for files in sets[:: BRACKETS // 10]:
        found = np.asarray(Image.open(out / f"{files[0].stem}.png"))
        np.testing.assert_array_equal(found, fuse(files, "average"))


def test_warnings_become_lines_and_are_gathered(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings_as_lines() as lines:
        warnings.warn("of no matter", stacklevel=1)
    assert lines == ["of no matter"]
    assert capsys.readouterr().err == "warning: of no matter\n"


def test_plan_is_a_line_a_bracket(capsys: pytest.CaptureFixture[str]) -> None:
    files = (Path("in/1.jpg"), Path("in/2.jpg"))
    bracket = Bracket("in", files, Path("in"))
    print_plan([Job(bracket, Path("out/in.jpg"), ".jpg", None, done=True)])
    assert capsys.readouterr().out == "out/in.jpg (is there already): in/1.jpg in/2.jpg\n"


def test_broken_bracket_leaves_the_other_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    random = np.random.default_rng(0)
    for scene in ("a", "b"):
        (tmp_path / scene).mkdir()
        light = random.random((24, 32, 3))
        for name, gain in (("1.png", 100), ("2.png", 250)):
            Image.fromarray((gain * light).astype(np.uint8)).save(tmp_path / scene / name)
    (tmp_path / "a" / "2.png").write_bytes(b"no image")
    words = [str(tmp_path / scene) for scene in ("a", "b")]
    whole = run(parse([*words, "-o", f"{tmp_path}/out/", "--method", "average", "--align", "never"]))
    assert not whole
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert "2.png" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "processes"), [([], 0), (["--jobs", "3"], 3), (["--jobs", "auto"], 0)])
def test_cluster_is_used_whole_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], processes: int
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path("in", name).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(f"in/{name}/1.png")
    asked = []
    monkeypatch.setattr(batch, "fuse_many", lambda jobs, work, *how: asked.append(how) or iter(()))
    run(parse(["in", "-o", "out", "--cluster", "auto", "--method", "average", *words]))
    assert asked == [(processes, "auto")]
