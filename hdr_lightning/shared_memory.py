"""The memory that processes share: in a container it is small, and who finds none dies or hangs."""

import os
import shutil
from pathlib import Path

from hdr_lightning.errors import InputError

FOLDER = Path("/dev/shm")
"""Where Linux keeps it; elsewhere it has no place of its own."""
_MB = 2**20


def require_shared_memory(name: str, needed: int = 0) -> None:
    """Make sure that processes can be started that share memory.

    Args:
        name: What asks for them, in errors.
        needed: Bytes that they have to share at once.

    Raises:
        InputError: They cannot.
    """
    if not FOLDER.is_dir():
        return
    if not os.access(FOLDER, os.W_OK):
        raise InputError(f"{name}: Expected to write to {FOLDER}, by which processes talk. Got read-only")
    free = shutil.disk_usage(FOLDER).free
    if free < needed:
        raise InputError(
            f"{name}: Expected {needed / _MB:.0f} MB free in {FOLDER} for what processes hand over. "
            f"Got {free / _MB:.0f} MB: take smaller batches, or give the container more (--shm-size)"
        )
