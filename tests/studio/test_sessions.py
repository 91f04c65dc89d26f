"""A folder and jobs of its own for every browser, and nothing left of them."""

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hdr_lightning.errors import InputError
from hdr_lightning.studio.app import Studio
from hdr_lightning.studio.sessions import Session, SessionJob
from tests.studio.asking import HOST, MERTENS, SLOW, Page, jpeg


def test_everything_is_deleted_at_the_end(tmp_path: Path) -> None:
    studio = Studio()
    with TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/") as client:
        client.get("")
        client.put("files/a.jpg", content=jpeg(tmp_path))
        root = studio.sessions.root
        assert [path.name for path in root.rglob("*.jpg")] == ["a.jpg"]
        client.post("clear")
        assert not list(root.rglob("*.jpg"))
    assert not root.exists()


def test_too_many_browsers(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr_lightning.studio.sessions.MOST", 0)
    answer = TestClient(studio.app(), base_url=HOST).get(f"/{studio.token}/")
    assert answer.status_code == 400 and answer.json()["error"].startswith("Expected at most 0 browsers")


class Answering:
    """A process that does at once what it is asked for, or says why not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def do(self, task: str, arguments: dict[str, Any], tell: Any) -> dict[str, Any]:
        tell({"line": task, "doing": "it"})
        if task == "bad":
            raise InputError("Expected good. Got bad")
        return arguments

    def end(self) -> None:
        pass


def test_jobs_are_done_in_turn_and_old_pictures_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hdr_lightning.studio.sessions.Worker", Answering)
    session = Session(tmp_path)
    kept: list[dict[str, Any]] = []

    def done(task: str, slot: int = 0) -> SessionJob:
        job = session.begin(task, lambda job: {"number": job.number}, kept.append, slot)
        while not job.ended:
            pass
        return job

    first, bad, other = done("look"), done("bad"), done("look", 1)
    assert (first.state, first.result) == ("done", {"number": 1})
    assert (first.lines, first.progress) == (["look"], {"doing": "it"})
    assert (bad.state, bad.error) == ("failed", "Expected good. Got bad")
    later = [done("look") for _ in range(3)]
    assert [job.number for job in session.jobs.values() if job.task == "look"] == [3, 4, 5, 6]
    assert not first.folder.exists() and other.folder.is_dir() and later[-1].folder.is_dir()
    assert kept == [{"number": number} for number in (1, 3, 4, 5, 6)]
    session.clear()
    assert sorted(path.name for path in session.folder.rglob("*")) == ["jobs", "uploads"]
    session.end()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_job_is_stopped_and_the_next_one_done(demo: Page) -> None:
    running = demo.begin("save", bracket=0, settings=SLOW)
    waiting = demo.begin("look", slot=0, bracket=0, settings=MERTENS)
    while demo.client.get(f"jobs/{running}").json()["progress"].get("doing") != "Refining":
        time.sleep(0.05)
    demo.client.delete(f"jobs/{running}")
    assert [demo.end(number)["state"] for number in (running, waiting)] == ["stopped", "stopped"]
    assert demo.job("look", slot=1, bracket=0, settings=MERTENS)["state"] == "done"
