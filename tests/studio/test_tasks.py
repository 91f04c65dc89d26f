"""The process behind the page does what hdr-fuse does."""

from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
import skimage.data
from PIL import Image

from hdr_lightning.studio.demo import NAMES
from tests.studio.asking import MERTENS, Page, run, write_demo

pytestmark = pytest.mark.slow


def test_preview_is_that_of_the_command(demo: Page, tmp_path: Path) -> None:
    look = demo.job("look", slot=0, bracket=0, settings=MERTENS)
    again = demo.job("look", slot=0, bracket=0, settings={"method": "mertens"})
    write_demo(demo, tmp_path)
    for job, words in ((look, "--method mertens --brightness 0.2"), (again, "--method mertens")):
        run(f"hdr-fuse {' '.join(NAMES)} -o {job['number']}.jpg --preview {words}", tmp_path)
        expected = Image.open(tmp_path / f"{job['number']}.jpg")
        difference = np.abs(np.int16(demo.picture(job, "result.jpg")) - np.int16(expected))
        assert difference.max() <= 4 and difference.mean() < 0.05  # exposures at once, or in turn: rounding
    shown = look["result"]
    assert [exposure["name"] for exposure in shown["exposures"]] == list(NAMES)
    assert [overlay["name"] for overlay in shown["overlays"]][:2] == [
        "Which exposure counts",
        "Weight of garage_1.jpg",
    ]
    for part in (*shown["exposures"], *shown["overlays"]):
        assert demo.picture(look, part["picture"]).size[0] > 300


def test_card_of_this_machine(page: Page, card: Path, tmp_path: Path) -> None:
    page.client.post("clear")
    found = page.job("open", folder=str(card))["result"]["brackets"]
    assert [bracket["name"] for bracket in found] == ["cat", "coffee"]
    settings = {"method": "average", "format": "jpg"}
    plan = page.job("planned", settings=settings)["result"]["jobs"]
    assert [(Path(job["output"]).name, job["done"]) for job in plan] == [
        ("cat.jpg", False),
        ("coffee.jpg", False),
    ]
    job = page.job("batch", settings=settings)
    assert job["result"]["good"] and job["result"]["file"] is None and len(job["lines"]) == 2
    assert "contacts" in page.client.get(f"jobs/{job['number']}/sheet").text
    line = page.client.post("command", json={"settings": settings}).json()["command"]
    ours = {path.name: path.read_bytes() for path in (tmp_path / "card-fused").glob("*.jpg")}
    (tmp_path / "card-fused").rename(tmp_path / "ours")
    run(line, tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "card-fused").glob("*.jpg")} == ours
    assert [job["done"] for job in page.job("planned", settings=settings)["result"]["jobs"]] == [True, True]


def test_broken_photographs_are_one_line(page: Page) -> None:
    page.client.post("clear")
    for name in ("a.jpg", "b.jpg"):
        page.client.put(f"files/{name}", content=b"\xff\xd8\xff nothing")
    page.job("open", group="off")
    job = page.job("look", slot=0, bracket=0, settings={})
    assert job["state"] == "failed" and "a.jpg" in job["error"]
    assert "\n" not in job["error"] and str(page.studio.sessions.root) not in job["error"]


def test_a_moved_slider_costs_under_two_seconds_of_the_processor(page: Page) -> None:
    photograph = cv2.resize(skimage.data.astronaut()[:341], (6000, 4000), interpolation=cv2.INTER_CUBIC)
    page.client.post("clear")
    for number, level in enumerate((0.2, 0.5, 1.0)):
        darker = cv2.cvtColor((photograph * level).astype(np.uint8), cv2.COLOR_RGB2BGR)
        page.client.put(f"files/{number}.jpg", content=cv2.imencode(".jpg", darker)[1].tobytes())
    page.job("open", group="off")
    spent = []
    for value in (0.0, 0.3, 0.6):
        before = psutil.Process(page.worker()).cpu_times()
        settings = {"brightness": value, "highlights": -value, "shadows": value, "saturation": value}
        assert page.job("look", slot=0, bracket=0, settings=settings)["state"] == "done"
        after = psutil.Process(page.worker()).cpu_times()
        spent.append(after.user + after.system - before.user - before.system)
    print(f"first look {spent[0]:.2f} s, a slider {spent[1]:.2f} s, again {spent[2]:.2f} s")
    assert spent[2] < 2
