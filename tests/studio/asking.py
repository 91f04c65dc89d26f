"""What a page asks of the server, without a browser."""

import io
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hdr_lightning.studio.app import COOKIE, Studio
from hdr_lightning.studio.demo import NAMES
from hdr_lightning.studio.sessions import Session, SessionJob

HOST = "http://127.0.0.1:8000"
Client = Any
MERTENS = {"method": "mertens", "brightness": 0.2}
SLOW = {"refine": "100", "align": "never", "deghost": "off"}


class Page:
    """What the page asks, without a browser."""

    def __init__(self, studio: Studio, client: Client) -> None:
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


def session_of(studio: Studio, browser: Client) -> Session:
    session = studio.sessions.get(browser.cookies[COOKIE])
    assert session is not None
    return session


def a_job(session: Session) -> SessionJob:
    """One that was done, without a process."""
    job = SessionJob(1, "look", session.folder / "jobs" / "1", "done")
    job.folder.mkdir()
    session.jobs[1] = job
    return job


def jpeg(folder: Path, level: int = 99) -> bytes:
    pixels = np.random.default_rng(0).integers(0, level, (48, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "x.jpg")
    return (folder / "x.jpg").read_bytes()


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
