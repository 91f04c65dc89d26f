"""Libraries that only some photographs need, and what to say where one is missing."""

import importlib
from pathlib import Path
from typing import Any

from hdr_lightning.errors import InputError


def wanted(library: str, extra: str, path: Path) -> Any:
    """A library that reads a file.

    Raises:
        InputError: It is not installed: the message says how it gets there.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise InputError(
            f"Expected {library} to read {path}. Got none: pip install 'hdr-lightning[{extra}]'"
        ) from error
