import ctypes
import sys
import time

import pytest
import torch

from hdr_lightning.evaluation.cost import Cost


def test_seconds_pass():
    with Cost(torch.device("cpu")) as cost:
        time.sleep(0.05)
    assert 0.05 <= cost.seconds < 5


def test_system_whose_library_of_c_has_no_name_costs_nothing_more(monkeypatch):
    def as_on_windows(name):
        raise TypeError(f"argument of type {type(name).__name__!r} is not iterable")

    monkeypatch.setattr(ctypes, "CDLL", as_on_windows)
    with Cost(torch.device("cpu")) as cost:
        time.sleep(0.01)
    assert cost.seconds >= 0.01


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak")
def test_memory_that_was_given_back_is_still_counted_and_older_peaks_are_not():
    torch.zeros(2**26).add_(1)  # 256 MiB, before
    with Cost(torch.device("cpu")) as cost:
        torch.zeros(2**24).add_(1)
    if cost.memory_mb is None:
        pytest.skip("this kernel does not let a process reset its peak")
    assert 55 < cost.memory_mb < 120
