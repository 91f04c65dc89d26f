"""Memory that was freed, kept for what needs some next."""

import ctypes
import sys
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's `mallopt`."""
_KEPT, _LARGEST = 2**28, 2**25
"""Bytes that are kept, and of what is not kept because it is so large, which is glibc's own limit."""


def keep_freed_memory() -> None:
    """Let this process keep what it frees, where it is glibc that gives it memory.

    It would give arrays of some megabytes back at once, and get the next ones page by page: a tenth of the
    time of a preview.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another library of C
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGEST)
