"""A wish to stop: SIGTERM and SIGUSR1, by which clusters tell that a job has to make room.

Windows knows no SIGUSR1, and nothing there sends SIGTERM: there a run listens for Ctrl+Break.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

SIGNALS: tuple[int, ...] = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGUSR1", "SIGBREAK") if hasattr(signal, name)
)
REQUEUE: int | None = getattr(signal, "SIGUSR2", None)
"""For which submitit has a handler that asks the cluster to start the job again."""


class Stopped(SystemExit):
    """The run was told to stop and has saved what it had; its exit status is 128 + the signal's number."""


class Stopping:
    """Listens for the signals and follows them at once where nothing is lost, else when `check` is called.

    Attributes:
        asked: The number of the signal that came; 0 for none.
        patient: Whether to wait for `check`.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.patient = False
        self._before: dict[int, Any] = {}

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Listen until the end of the `with` block; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        more = {REQUEUE} if REQUEUE is not None and callable(signal.getsignal(REQUEUE)) else set()
        self._before = {number: signal.getsignal(number) for number in {*SIGNALS, *more}}
        self.listen()
        try:
            yield self
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def listen(self) -> None:
        """Listen (again, after Lightning has taken over)."""
        for number in self._before:
            signal.signal(number, self._ask)

    def check(self, asked: int | None = None) -> None:
        """Stop if that was asked for, here or, by `asked`, on another rank.

        Raises:
            Stopped: It was.
        """
        number = self.asked if asked is None else asked
        if not number:
            return
        before = self._before.get(number)
        if callable(before):
            before(number, None)
        raise Stopped(128 + number)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        if not self.patient:
            self.check()
