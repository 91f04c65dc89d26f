"""What the configuration computes: ``${job_name:...}`` and ``${writable:...}``."""

import sys
from pathlib import Path
from tempfile import TemporaryFile

from hydra.core.override_parser.overrides_parser import OverridesParser


def job_name(overrides: list[str], number: int) -> str:
    """Name a job of a sweep by what varies on the command line, or by its number where nothing there does."""
    given = OverridesParser.create().parse_overrides([word for word in sys.argv[1:] if "=" in word])
    varied = {override.key_or_group for override in given if override.is_sweep_override()}
    parts = [text.lstrip("+") for text in overrides if text.lstrip("+").split("=")[0] in varied]
    return ",".join(parts).replace("/", "_") or str(number)


def writable(key: str, folder: str) -> str:
    """Make the folder of all output before Hydra does, which would answer a refusal with a traceback."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.exit(f"error: {key}={folder}: Expected a folder to write in. Got: {error.strerror or error}")
    return folder
