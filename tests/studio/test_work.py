"""The process behind the page: it does what hdr-fuse does, and may die."""

import io
import os
import shlex
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest
import skimage.data
from PIL import Image
from starlette.testclient import TestClient

from hdr_lightning.studio.app import COOKIE, Studio
from hdr_lightning.studio.demo import NAMES

pytestmark = pytest.mark.slow
HOST = "http://127.0.0.1:8000"
SLOW = {"refine": "100", "align": "never", "deghost": "off"}
MERTENS = {"method": "mertens", "brightness": 0.2}


class Page:
    """What the page asks, without a browser."""

    def __init__(self, studio: Studio, client: TestClient) -> None:
        self.studio, self.client = studio, client
        client.get("")

    def begin(self, do: str, **asked: Any) -> int:
        answer = self.client.post("jobs", json={"do": do, **asked})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["job"])

    def end(self, number: int) -> dict[str, Any]:
        job: dict[str, Any] = {"version": "", "state": ""}
        while job["state"] not in ("done", "failed", "stopped"):
            job = self.client.get(f"jobs/{number}", params={"seen": job["version"]}).json()
        return job

    def job(self, do: str, **asked: Any) -> dict[str, Any]:
        return self.end(self.begin(do, **asked))

    def picture(self, job: dict[str, Any], name: str) -> Image.Image:
        answer = self.client.get(f"jobs/{job['number']}/{name}")
        assert answer.status_code == 200
        return Image.open(io.BytesIO(answer.content))

    def worker(self) -> int:
        session = self.studio.sessions.get(self.client.cookies[COOKIE])
        assert session is not None and session._worker is not None
        return int(session._worker.process.pid or 0)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    studio = Studio()
    with TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/") as client:
        yield Page(studio, client)


@pytest.fixture
def demo(page: Page) -> Page:
    page.client.post("clear")
    assert page.job("demo")["state"] == "done"
    (bracket,) = page.job("open")["result"]["brackets"]
    assert bracket["files"] == list(NAMES)
    return page


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Two folders of two exposures each."""
    for name, photograph in (("cat", skimage.data.chelsea()), ("coffee", skimage.data.coffee())):
        (tmp_path / "card" / name).mkdir(parents=True)
        for level in (60, 140):
            dim = (photograph[::3, ::3] * (level / 140)).astype("uint8")
            Image.fromarray(dim).save(tmp_path / "card" / name / f"{level}.jpg")
    return tmp_path / "card"


def run(line: str, folder: Path) -> None:
    """A command line in a process of its own, as a shell would read it."""
    program, *words = shlex.split(line)
    assert program == "hdr-fuse"
    command = [sys.executable, "-m", "hdr_lightning.commands.fuse", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def write_demo(page: Page, folder: Path) -> None:
    session = page.studio.sessions.get(page.client.cookies[COOKIE])
    assert session is not None
    for name in NAMES:
        (folder / name).write_bytes((session.uploads / name).read_bytes())


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


def test_a_killed_process_is_one_line(demo: Page) -> None:
    running = demo.begin("look", slot=0, bracket=0, settings=SLOW)
    while demo.client.get(f"jobs/{running}").json()["told"].get("doing") != "Refining":
        time.sleep(0.05)
    os.kill(demo.worker(), signal.SIGKILL)
    job = demo.end(running)
    assert job["state"] == "failed" and "signal 9" in job["error"] and "\n" not in job["error"]
    assert demo.job("look", slot=0, bracket=0, settings=MERTENS)["state"] == "done"


def test_a_job_is_stopped_and_the_next_one_done(demo: Page) -> None:
    running = demo.begin("save", bracket=0, settings=SLOW)
    waiting = demo.begin("look", slot=0, bracket=0, settings=MERTENS)
    while demo.client.get(f"jobs/{running}").json()["told"].get("doing") != "Refining":
        time.sleep(0.05)
    demo.client.delete(f"jobs/{running}")
    assert [demo.end(number)["state"] for number in (running, waiting)] == ["stopped", "stopped"]
    assert demo.job("look", slot=1, bracket=0, settings=MERTENS)["state"] == "done"


def test_broken_photographs_are_one_line(page: Page) -> None:
    page.client.post("clear")
    for name in ("a.jpg", "b.jpg"):
        page.client.put(f"files/{name}", content=b"\xff\xd8\xff nothing")
    page.job("open", group="off")
    job = page.job("look", slot=0, bracket=0, settings={})
    assert job["state"] == "failed" and "a.jpg" in job["error"]
    assert "\n" not in job["error"] and str(page.studio.sessions.root) not in job["error"]


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


def test_dropped_folders_come_back_as_one_file(page: Page, card: Path) -> None:
    page.client.post("clear")
    for path in card.rglob("*.jpg"):
        page.client.put(f"files/{path.parent.name}/{path.name}", content=path.read_bytes())
    found = page.job("open")["result"]["brackets"]
    assert [bracket["files"] for bracket in found] == [
        ["cat/60.jpg", "cat/140.jpg"],
        ["coffee/60.jpg", "coffee/140.jpg"],
    ]
    job = page.job("batch", settings={"method": "average"})
    packed = zipfile.ZipFile(io.BytesIO(page.client.get(f"jobs/{job['number']}/file").content))
    assert sorted(packed.namelist()) == ["cat.jpg", "coffee.jpg"]


def test_networks_of_a_sweep(page: Page, write_run: Callable[..., Path], sweep: Path, tmp_path: Path) -> None:
    for name, gamma in (("1", "var"), ("2", "grad")):
        folder = write_run(name, gamma=gamma) / "checkpoints"
        folder.mkdir()
        (folder / "best.ckpt").write_bytes(b"")
    found = page.job("networks", path=str(sweep))["result"]["networks"]
    assert [network["label"] for network in found] == ["var (1), 0.9000", "grad (2), 0.9000"]
    assert found[0]["file"] == str(sweep / "1" / "checkpoints" / "best.ckpt")
    for path, message in ((tmp_path / "no", "does not exist"), (sweep / "1" / "run.yaml", ".ckpt")):
        job = page.job("networks", path=str(path))
        assert job["state"] == "failed" and message in job["error"]


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
