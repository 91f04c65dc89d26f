"""Libraries that tell of damage on standard output and error, line by line: it is told once, by us."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from threading import Lock

_LOCK = Lock()
_SILENT = ExitStack()
_DEPTH = 0


@contextmanager
def silence() -> Iterator[None]:
    """A block in which nothing is written to standard output and error, by Python or by C, in any thread."""
    global _DEPTH, _SILENT
    with _LOCK:
        if not _DEPTH:
            _SILENT = ExitStack()
            _SILENT.enter_context(_silenced())
        _DEPTH += 1
    try:
        yield
    finally:
        with _LOCK:
            _DEPTH -= 1
            if not _DEPTH:
                _SILENT.close()


@contextmanager
def _silenced() -> Iterator[None]:
    _flush()
    with open(os.devnull, "w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(nothing.fileno(), number)
            yield
        finally:
            _flush()
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
