"""One process in a folder at a time; the system unlocks it however that process ends."""

import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

LOCK = ".lock"
"""The file in a folder that is locked; it stays there unlocked."""
PATIENCE = 0.3
"""Seconds that are longer than asking takes, so that two who ask at once do not see each other."""
# A mark, which some versions leave on file systems without locks, would stay when the process is killed.
_TAKEN = inspect.signature(FileLock).parameters
_OPTIONS: dict[str, Any] = {"fallback_to_soft": False} if "fallback_to_soft" in _TAKEN else {}


def lock(folder: Path) -> BaseFileLock | None:
    """Keep other processes out of a folder.

    Returns:
        What `unlock` takes; None where another process has locked the folder, which a file system without
        locks never tells.

    Raises:
        OSError: The folder cannot be written.
    """
    file_lock = FileLock(folder / LOCK, **_OPTIONS)
    try:
        file_lock.acquire(timeout=PATIENCE, poll_interval=0.01)
    except Timeout:
        return None
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        raise
    except (OSError, NotImplementedError):  # a file system without locks
        pass
    return file_lock


def unlock(file_lock: BaseFileLock) -> None:
    """Let other processes in again."""
    with suppress(OSError):
        file_lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a process of this machine keeps others out of a folder.

    In a folder of somebody else, where only its owner could tell, it is taken for granted.
    """
    if not (folder / LOCK).exists():
        return False
    try:
        file_lock = lock(folder)
    except OSError:
        return True
    if file_lock is not None:
        unlock(file_lock)
    return file_lock is None
