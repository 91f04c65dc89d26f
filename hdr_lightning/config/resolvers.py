"""What the configuration computes: names and folders of runs and sweeps."""

import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from hdr_lightning.runs.folder import SWEEP_RECORD

LONGEST_NAME = 180
"""Characters of a folder's name; file systems take 255."""


def varied(words: list[str], params: Mapping[str, object] | None = None) -> list[str]:
    """The keys that a sweep varies: those of the sweeper's `params`, and those of the command line.

    A key of `params` that the command line pins is still one of them: its jobs lie beside the others.
    """
    params = params or {}
    stated = [f"{key}={value}" for key, value in params.items()]
    last = {word.key_or_group: word for word in OverridesParser.create().parse_overrides([*stated, *words])}
    return [key for key, word in last.items() if word.is_sweep_override() or key in params]


def sweep_name(words: list[str], params: Mapping[str, object] | None = None) -> str:
    """Name a sweep by what varies in it and by all of its words: the same command has the same folder."""
    digest = hashlib.sha256("\0".join(words).encode()).hexdigest()[:8]
    return _short(",".join([*varied(words, params), digest]))


def job_name(sweep_dir: str, overrides: list[str], number: int) -> str:
    """Name a job of a sweep by what varies, or by its number where nothing does.

    Jobs may run in processes and on machines of their own: what varies is read from the sweep's record.
    """
    file = Path(sweep_dir) / SWEEP_RECORD
    keys = OmegaConf.select(OmegaConf.load(file), "varies") if file.is_file() else []
    parts = [text.lstrip("+") for text in overrides if text.lstrip("+").split("=")[0] in keys]
    return _short(",".join(parts)) or str(number)


def given(value: str | None, default: str) -> str:
    """The value, or the default where there is none."""
    return default if value is None else value


def writable(key: str, folder: str) -> str:
    """Make the folder of all output before Hydra does, which would answer a refusal with a traceback."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.exit(f"error: {key}={folder}: Expected a folder to write in. Got: {error.strerror or error}")
    return folder


def _short(name: str) -> str:
    """A name that is a folder's on every system, and not too long."""
    name = re.sub(r'[<>:"/\\|?*]', "_", name)
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
