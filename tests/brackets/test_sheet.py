"""The contact sheet: what it flags and shows."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning.brackets.bracket import FusedBracket
from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.outputs import Job, check_sheet
from hdr_lightning.brackets.sheet import area_for, entry, write_sheet
from hdr_lightning.errors import InputError


def job(name: str, count: int) -> Job:
    return Job(
        Bracket(name, tuple(Path(f"{k}.jpg") for k in range(count))), Path(f"{name}.png"), ".png", None
    )


def fused(*sources: int, outside: float = 0.0) -> FusedBracket:
    stack = torch.rand(len(sources), 3, 20, 30)
    return FusedBracket(stack[0], stack[:, :1], outside, sources, 0.0, stack)


def data_of(page: Path) -> list[dict[str, Any]]:
    text = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    return list(json.loads(found[1])["brackets"])


def photographs(count: int) -> list[np.ndarray]:
    return [np.full((20, 30, 3), 40 * k, np.uint8) for k in range(count)]


def test_everything_unusual_is_flagged(tmp_path: Path) -> None:
    jobs = [job("plain", 3), job("clipped", 3), job("odd", 2), job("one", 1), job("left", 3), job("bad", 3)]
    results = [fused(0, 1, 2), fused(2, 0, 1, outside=0.031), fused(1, 0), fused(0, 0), fused(2, 0)]
    entries = {
        place: entry(jobs[place], result, photographs(len(jobs[place].bracket.files)), "facts", [], 1e4)
        for place, result in enumerate(results)
    }
    write_sheet(tmp_path / "sheet.html", jobs, entries, {5: "not <b>aligned</b>"})
    found = {bracket["name"]: bracket for bracket in data_of(tmp_path / "sheet.html")}
    assert {name: bracket["flags"] for name, bracket in found.items()} == {
        "plain": [],
        "clipped": ["3.1 % clipped"],
        "odd": ["2 exposures, others have 3"],
        "one": ["a single photograph"],
        "left": ["1 left out"],
        "bad": ["failed"],
    }
    assert found["bad"]["notes"] == ["not <b>aligned</b>"] and found["bad"]["pictures"] == {}
    assert "<b>aligned" not in (tmp_path / "sheet.html").read_text()


def test_what_moves_is_flagged() -> None:
    ghosts = np.zeros((2, 10, 10), np.float32)
    ghosts[1, :3, :4] = 1
    for found, flags in ((ghosts, ["12.0 % moves"]), (ghosts * 0.1, []), (None, [])):
        shown = entry(job("a", 2), fused(0, 1)._replace(ghosts=found), photographs(2), "", [], 1e4)
        assert shown.flags == flags


def test_warnings_are_shown(tmp_path: Path) -> None:
    shown = entry(job("a", 2), fused(0, 1), photographs(2), "facts", ["Expected x. Got y"], 1e4)
    write_sheet(tmp_path / "sheet.html", [job("a", 2)], {0: shown}, {})
    (found,) = data_of(tmp_path / "sheet.html")
    assert found["flags"] == ["warning"] and found["notes"] == ["Expected x. Got y"]


def test_exposures_stand_dark_to_bright_and_those_left_out_last() -> None:
    shown = entry(job("a", 3), fused(2, 0), photographs(3), "facts", [], 1e4)
    assert list(shown.pictures) == ["result", "2.jpg", "0.jpg", "1.jpg"]
    head, _, content = shown.pictures["2.jpg"].partition(",")
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
    assert head == "data:image/webp;base64" and np.abs(picture.astype(int) - 80).max() <= 3


def test_hundreds_of_brackets_stay_small() -> None:
    assert area_for([job("a", 5)] * 500) * 500 * 6 < 130e6


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "there.html").touch()
    check_sheet(tmp_path / "there.html", force=True)
    check_sheet(tmp_path / "new" / "sheet.html", force=False)
    for name in ("there.html", "sheet.txt", "."):
        with pytest.raises(InputError, match="Got "):
            check_sheet(tmp_path / name, force=False)
