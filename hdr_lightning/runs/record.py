"""The run's own account of itself: its configuration, and whether it runs, finished, or failed and why."""

import errno
import os
import platform
import subprocess
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import OmegaConf

from hdr_lightning import __version__
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.files import replacing
from hdr_lightning.runs.folder import CONFIG, RECORD
from hdr_lightning.runs.lock import is_locked, lock, unlock

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What a disk says that takes nothing more."""


class RunRecord:
    """Keep `run.yaml` in a run's folder true from start to end, however the run ends.

    Args:
        folder: The run's folder.

    Raises:
        InputError: The folder cannot be written, or another process runs in it; said at the start, not at
            the first checkpoint.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: dict[str, Any] = {"state": "running", "reason": None}

    def __enter__(self) -> Self:
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self.values |= {"started": started, "host": platform.node(), "pid": os.getpid(), **code_version()}
        try:
            self._lock()
            self._write()
        except OSError as error:
            raise InputError(f"run_dir={self.folder}: Expected a folder to write in. Got {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        state = "finished" if error is None else "interrupted" if interrupted else "failed"
        with suppress(OSError) if error else nullcontext():  # on a full disk the error tells enough
            self.update(state=state, reason=None if error is None else _reason(error))
        self._unlock()
        if isinstance(error, OSError) and error.errno in FULL:
            raise InputError(f"run_dir={self.folder}: Expected room to write. Got: {error}") from error

    def update(self, **values: Any) -> None:
        """Set values and write them."""
        self.values |= values
        self._write()

    @rank_zero_only
    def write_config(self, config: dict[str, Any]) -> None:
        """Write the resolved configuration as `config.yaml`."""
        _replace(self.folder / CONFIG, config)

    @rank_zero_only
    def _lock(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file_lock = lock(self.folder)
        if file_lock is None:
            raise InputError(
                f"run_dir={self.folder}: Expected a folder in which nothing runs. Got a run under way"
            )
        self._file_lock = file_lock

    @rank_zero_only
    def _unlock(self) -> None:
        unlock(self._file_lock)

    @rank_zero_only
    def _write(self) -> None:
        _replace(self.folder / RECORD, self.values)


def _replace(file: Path, values: dict[str, Any]) -> None:
    """Whole or not at all: a run may be killed at any time, and is read while it goes on."""
    with replacing(file) as part:
        part.write_text(OmegaConf.to_yaml(values), encoding="utf-8")


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def read_record(folder: Path) -> dict[str, Any]:
    """What `RunRecord` wrote in a run's folder; nothing where no run ever started."""
    file = folder / RECORD
    if not file.is_file():
        return {}
    try:
        values: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(file))  # type: ignore[assignment]
    except Exception as error:
        raise InputError(f"Expected the record of a run in {file}. Got: {one_line(error)}") from error
    return values


def amend_record(folder: Path, error: Exception, began: float) -> None:
    """Write why the run that began in a folder failed, where its own process could not.

    Args:
        folder: The run's folder.
        error: The reason.
        began: When, in seconds since 1970.
    """
    file = folder / RECORD
    if file.is_file() and file.stat().st_mtime >= began and not is_locked(folder):
        values = read_record(folder)
        if values["state"] != "finished":
            _replace(file, values | {"state": "failed", "reason": _reason(error)})


def code_version() -> dict[str, Any]:
    """What a result depends on: versions, threads, and the commits of this package and of the user's project.

    The project is the checkout in which the command runs, unless it is that of this package.
    """
    version: dict[str, Any] = {
        "hdr_lightning": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
    }
    root, project = Path(__file__).resolve().parents[2], _checkout(Path.cwd())
    if (root / ".git").exists():
        version["commit"] = _git(root, "describe", "--always", "--dirty", "--abbrev=12")
    if project and Path(project).resolve() != root:
        described = _git(Path(project), "describe", "--always", "--dirty", "--abbrev=12")
        version |= {"project": project, "project_commit": described or "none yet"}
    return version


def _checkout(folder: Path) -> str:
    """The top of the checkout that holds a folder; empty where there is none."""
    return _git(folder, "rev-parse", "--show-toplevel")


def _git(folder: Path, *words: str) -> str:
    """What git says; empty where it refuses, or is not on this machine."""
    try:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
