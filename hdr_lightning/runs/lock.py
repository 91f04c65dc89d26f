"""One process in a folder at a time; the system unlocks it however that process ends."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def lock(folder: Path, kind: int = fcntl.LOCK_EX) -> int | None:
    """Keep other processes out of a folder.

    Returns:
        What `unlock` takes; None where another process has locked the folder, which a file system without
        locks never tells.
    """
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    except OSError:  # a file system without locks
        pass
    return held


def unlock(held: int) -> None:
    """Let other processes in again."""
    with suppress(OSError):  # closing is not enough while workers have inherited it
        fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)


def is_locked(folder: Path) -> bool:
    """Whether a process of this machine keeps others out of a folder."""
    held = lock(folder, fcntl.LOCK_SH)  # so that two who ask at once do not see each other
    if held is not None:
        unlock(held)
    return held is None
