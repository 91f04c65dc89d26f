"""What libraries print while they read."""

import ctypes
import os
import sys
import threading

import pytest

from hdr_lightning.imaging.silence import silence


def test_nothing_is_heard_and_everything_after_is(capfd: pytest.CaptureFixture[str]) -> None:
    library = ctypes.CDLL(None)
    print("before")
    with silence():
        print("python")
        print("python", file=sys.stderr)
        os.write(2, b"system\n")
        library.puts(b"C")
    print("after")
    assert capfd.readouterr() == ("before\nafter\n", "")


def test_threads_that_end_in_another_order(capfd: pytest.CaptureFixture[str]) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with silence():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with silence():
        thread.start()
        assert inside.wait(10)
    os.write(1, b"still silent\n")
    leave.set()
    thread.join()
    os.write(1, b"heard\n")
    assert capfd.readouterr().out == "heard\n"
