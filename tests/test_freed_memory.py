import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from hdr_lightning.freed_memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        [np.ones(2**20, np.float32) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

{}
faults()
print(faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is glibc that gives memory back")
def test_memory_that_was_freed_is_not_asked_for_page_by_page() -> None:
    without, kept = (int(printed(FAULTS.format(call))) for call in ("", "keep_freed_memory()"))
    assert kept < without / 10


def printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
