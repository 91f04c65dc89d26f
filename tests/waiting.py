"""Wait for what another process does."""

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], object], seconds: float = 300) -> None:
    """Return as soon as it has happened; long enough for a machine that is busy with others.

    Raises:
        TimeoutError: It has not in that time.
    """
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"It has not happened in {seconds:g} seconds")
        time.sleep(0.02)
