"""One browser's pictures and jobs: a folder that nobody else can read, and a process that does the work."""

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from hdr_lightning.errors import InputError
from hdr_lightning.studio.worker import DiedError, Worker

MOST = 16
"""Sessions at a time."""
_FEW, _KEPT = 2, {"thumbnails": 200}
"""Jobs of a kind, and of those whose pictures stay on the page together."""
_LINES = 500

Then = Callable[[dict[str, Any]], None]
"""What is done with the result of a job."""


@dataclass
class SessionJob:
    """What a session was asked for, and what became of it.

    Attributes:
        number: Counts the jobs of a session.
        task: One of `tasks.TASKS`.
        folder: Its pictures and files.
        slot: Which of two settings that are compared it is of.
        state: `waiting`, `running`, `done`, `failed` or `stopped`.
        version: Grows with every change, for those who wait for one.
        progress: What the task has reported last of each kind: `doing`, `fraction`, `count`.
        lines: What it has printed.
        result: Of a job that is done.
        error: Of a job that failed, one line.
    """

    number: int
    task: str
    folder: Path
    slot: int = 0
    state: str = "waiting"
    version: int = 0
    progress: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "stopped")

    def hear(self, content: dict[str, Any]) -> None:
        """Note what the task tells."""
        line = content.pop("line", None)
        if line:
            self.lines = [*self.lines, line][-_LINES:]
        self.progress |= content
        self.version += 1


class Session:
    """What belongs to one browser.

    Attributes:
        folder: Of this session alone; it is deleted at its end.
        inputs: Files and folders that were opened.
        own: Whether they were uploaded; otherwise they are folders of this machine.
        brackets: What was found in them, see `tasks.find`.
        group: How they were grouped.
    """

    def __init__(self, root: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=root))  # nobody else may look into it
        self.jobs: dict[int, SessionJob] = {}
        self._worker: Worker | None = None
        self._lock, self._count = Lock(), 0
        self.clear()

    def clear(self) -> None:
        """Forget everything that was opened and made."""
        self.stop()
        self.inputs: list[str] = []
        self.own = True
        self.brackets: list[dict[str, Any]] = []
        self.group: str | None = None
        for part in ("uploads", "jobs"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
            (self.folder / part).mkdir()

    @property
    def uploads(self) -> Path:
        """Where uploaded files lie."""
        return self.folder / "uploads"

    def begin(
        self,
        task: str,
        arguments: Callable[[SessionJob], dict[str, Any]],
        then: Then = lambda result: None,
        slot: int = 0,
    ) -> SessionJob:
        """Begin a job, which waits for those before it.

        Args:
            task: One of `tasks.TASKS`.
            arguments: What it gets, given the job and its folder.
            then: Gets its result.
            slot: See `SessionJob`.
        """
        self._count += 1
        job = SessionJob(self._count, task, self.folder / "jobs" / str(self._count), slot)
        job.folder.mkdir()
        given = arguments(job)
        self.jobs[job.number] = job
        self._forget(job)
        Thread(target=self._work, args=(job, given, then), daemon=True).start()
        return job

    def _forget(self, newest: SessionJob) -> None:
        """Delete what the page has left behind: it shows the last that was done, and what comes next."""
        alike = [job for job in self.jobs.values() if (job.task, job.slot) == (newest.task, newest.slot)]
        done = [job for job in alike if job.state == "done"]
        others = [job for job in alike if job.ended and job.state != "done"]
        for job in [*done[: -_KEPT.get(newest.task, _FEW)], *others[:-_FEW]]:
            shutil.rmtree(job.folder, ignore_errors=True)
            del self.jobs[job.number]

    def _work(self, job: SessionJob, arguments: dict[str, Any], then: Then) -> None:
        with self._lock:
            if job.ended:
                return
            job.state, job.version = "running", job.version + 1
            try:
                self._worker = self._worker or Worker(self.folder)
                job.result = self._worker.do(job.task, arguments, job.hear)
                then(job.result)
                state = "done"
            except InputError as error:
                state, job.error = "failed", str(error)
            except DiedError as error:
                state, job.error = "failed", f"This job failed, and the page goes on: {error}"
                self._worker = None
            job.state = job.state if job.ended else state
            job.version += 1

    def stop(self) -> None:
        """End what is being done; jobs that wait are not begun."""
        busy = any(job.state == "running" for job in self.jobs.values())
        for job in self.jobs.values():
            if not job.ended:
                job.state, job.version = "stopped", job.version + 1
        if busy:
            self._end_worker()

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def end(self) -> None:
        """Stop, and delete the folder."""
        self.stop()
        self._end_worker()
        shutil.rmtree(self.folder, ignore_errors=True)


class Sessions:
    """All sessions of a server, in one temporary folder."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="hdr-studio-"))
        self._all: dict[str, Session] = {}

    def get(self, key: str) -> Session | None:
        """The session that a key opens."""
        return self._all.get(key)

    def new(self) -> tuple[str, Session]:
        """A session and its key.

        Raises:
            InputError: There are too many.
        """
        if len(self._all) >= MOST:
            raise InputError(
                f"Expected at most {MOST} browsers at a time. Got one more: start another hdr-studio"
            )
        key = secrets.token_urlsafe(32)
        self._all[key] = Session(self.root)
        return key, self._all[key]

    def end(self) -> None:
        """End every session and delete their pictures."""
        for session in self._all.values():
            session.end()
        self._all.clear()
        shutil.rmtree(self.root, ignore_errors=True)
