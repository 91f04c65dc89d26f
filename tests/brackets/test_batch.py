"""A card of hundreds of brackets that is fused in two runs, the first of which is killed."""

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hdr_lightning import fuse

BRACKETS = 500
COMMAND = [sys.executable, "-m", "hdr_lightning.commands.fuse"]
WORDS = ["card", "-o", "out", "--method", "average", "--format", "png"]


def write_card(folder: Path) -> list[list[Path]]:
    """Brackets of three tiny photographs with EXIF, each of another motif, in one flat folder."""
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
