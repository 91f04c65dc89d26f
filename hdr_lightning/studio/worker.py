"""The process that does the work of one session: it may die, and the page stays."""

import io
import shutil
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hdr_lightning.errors import InputError, one_line
from hdr_lightning.freed_memory import keep_freed_memory

Tell = Callable[[dict[str, Any]], None]


class DiedError(Exception):
    """The process is gone: what to say of it."""


class Worker:
    """A process of its own that does one task after the other, and keeps what the next may need.

    Args:
        folder: What it deletes if the server dies before it.
    """

    def __init__(self, folder: Path) -> None:
        context = get_context("spawn")  # a fork would take the threads of the server along, halfway
        self._connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, folder), name="hdr-studio worker")
        self.process.start()
        other.close()

    def do(self, task: str, arguments: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """Do one of `tasks.TASKS`.

        Args:
            task: Its name.
            arguments: Plain data.
            tell: Gets what the task tells while it goes on.

        Raises:
            InputError: The task says that it cannot be done.
            DiedError: The process died.
        """
        try:
            self._connection.send((task, arguments))
            while True:
                kind, content = self._connection.recv()
                if kind == "done":
                    return dict(content)
                if kind == "failed":
                    raise InputError(content)
                tell(content)
        except (EOFError, OSError) as error:
            self.process.join(5)
            raise DiedError(_how(self.process.exitcode)) from error

    def end(self) -> None:
        """Kill the process, whatever it is at."""
        self.process.kill()
        self.process.join()
        self._connection.close()


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"the process ended with status {code}"
    why = ", probably for want of memory" if -code == getattr(signal, "SIGKILL", 9) else ""
    return f"the system ended the process (signal {-code}){why}"


def _serve(connection: Connection, folder: Path) -> None:
    """What the process does, until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    keep_freed_memory()

    def tell(content: dict[str, Any]) -> None:
        connection.send(("progress", content))

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task, arguments = connection.recv()
            connection.send(_done(task, arguments, tell))
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def _done(task: str, arguments: dict[str, Any], tell: Tell) -> tuple[str, Any]:
    from hdr_lightning.studio.tasks import TASKS  # seconds: the page is there before

    lines = _Lines(tell)
    try:
        with redirect_stdout(lines), redirect_stderr(lines):
            return "done", TASKS[task](tell, **arguments)
    except InputError as error:
        return "failed", str(error)
    except Exception as error:  # whatever is wrong with one picture, the page is not to suffer
        return "failed", f"{type(error).__name__}: {one_line(error)}"


class _Lines(io.TextIOBase):
    """Passes every line on that is printed."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._rest = tell, ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._tell({"line": line})
        return len(text)
