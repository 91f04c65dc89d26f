"""Wait for what another process does."""

import time
from collections.abc import Callable

SECONDS = 300
"""Long enough for a machine that is busy with others."""


def wait_until(happened: Callable[[], object]) -> None:
    """Return as soon as it has happened.

    Raises:
        TimeoutError: It has not in that time.
    """
    end = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"It has not happened in {SECONDS} seconds")
        time.sleep(0.02)
