"""What the page may ask, and the line for a shell that does the same."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.studio.asking import MERTENS, Client, Page, run, write_demo


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "do: Expected one of open, "),
        ({"do": "look", "slot": 0, "bracket": 0}, "Expected one of the brackets"),
        ({"do": "look", "slot": 7, "bracket": 0}, "slot: Expected 0 or 1. Got 7"),
        (
            {"do": "open", "folder": "relative"},
            "a folder of this machine, its whole path. Got relative",
        ),
        ({"do": "open", "folder": 3}, "folder: Expected text"),
        ({"do": "networks"}, "Expected the path of a network"),
        ({"do": "planned", "settings": {"output": "/etc"}}, "output: Expected a setting of the page"),
        ({"do": "planned", "settings": {"brightness": 7}}, "expected a number from -1 to 1, got '7'"),
        (
            {"do": "planned", "settings": {"method": "--output=/etc"}},
            "method: Expected a word that begins other",
        ),
        ({"do": "planned", "settings": {"method": ["x"]}}, "method: Expected a word or a number. Got list"),
        ([], "Expected a question of the page"),
    ],
    ids=str,
)
def test_questions_that_mean_nothing_are_one_line(browser: Client, asked: Any, message: str) -> None:
    answer = browser.post("jobs", json=asked)
    assert answer.status_code == 400 and message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.slow
def test_saved_file_is_that_of_the_line_shown(demo: Page, tmp_path: Path) -> None:
    settings = {**MERTENS, "format": "png", "align": "never"}
    made = demo.job("save", bracket=0, settings=settings)
    saved = demo.client.get(f"jobs/{made['number']}/file")
    assert 'filename="garage_1_fused.png"' in saved.headers["content-disposition"]
    line = demo.client.post("command", json={"bracket": 0, "settings": settings}).json()["command"]
    assert line.startswith(
        "hdr-fuse garage_1.jpg garage_2.jpg garage_3.jpg -o garage_1_fused.png --method mertens"
    )
    write_demo(demo, tmp_path)
    run(line, tmp_path)
    assert (tmp_path / "garage_1_fused.png").read_bytes() == saved.content


@pytest.mark.slow
def test_dropped_folders_come_back_as_one_file(page: Page, card: Path) -> None:
    page.client.post("clear")
    for path in card.rglob("*.jpg"):
        page.client.put(f"files/{path.parent.name}/{path.name}", content=path.read_bytes())
    found = page.job("open")["result"]["brackets"]
    assert [bracket["files"] for bracket in found] == [
        ["cat/60.jpg", "cat/140.jpg"],
        ["coffee/60.jpg", "coffee/140.jpg"],
    ]
    line = page.client.post("command", json={"bracket": 1, "settings": {"format": "tif"}}).json()["command"]
    assert line == "hdr-fuse coffee -o coffee_fused.tif"
    job = page.job("batch", settings={"method": "average"})
    packed = zipfile.ZipFile(io.BytesIO(page.client.get(f"jobs/{job['number']}/file").content))
    assert sorted(packed.namelist()) == ["cat.jpg", "coffee.jpg"]
