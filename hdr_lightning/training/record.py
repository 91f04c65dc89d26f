"""The run's own account of itself: its configuration, and whether it runs, finished, or failed and why."""

import platform
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from lightning.pytorch.utilities import rank_zero_only
from omegaconf import OmegaConf

from hdr_lightning import __version__
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.training.lock import lock, unlock

RECORD = "run.yaml"


class RunRecord:
    """Keep ``run.yaml`` in a run's folder true from start to end, however the run ends.

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
        self.values |= {"started": started, "host": platform.node(), **code_version()}
        try:
            self._lock()
            self._write()
        except OSError as error:
            raise InputError(f"run_dir={self.folder}: Expected a folder to write in. Got {error}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        state = "finished" if error is None else "interrupted" if interrupted else "failed"
        reason = None if error is None else f"{type(error).__name__}: {error}"
        self.update(state=state, reason=reason)
        self._unlock()

    def update(self, **values: Any) -> None:
        """Set values and write them."""
        self.values |= values
        self._write()

    @rank_zero_only
    def write_config(self, config: dict[str, Any]) -> None:
        """Write the resolved configuration as ``config.yaml``."""
        self._replace("config.yaml", config)

    @rank_zero_only
    def _lock(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        held = lock(self.folder)
        if held is None:
            raise InputError(
                f"run_dir={self.folder}: Expected a folder in which nothing runs. Got a run under way."
            )
        self._held = held

    @rank_zero_only
    def _unlock(self) -> None:
        unlock(self._held)

    @rank_zero_only
    def _write(self) -> None:
        self._replace(RECORD, self.values)

    def _replace(self, name: str, values: dict[str, Any]) -> None:
        """Whole or not at all: a run may be killed at any time, and is read while it goes on."""
        part = self.folder / f"{name}.part"
        part.write_text(OmegaConf.to_yaml(values), encoding="utf-8")
        part.replace(self.folder / name)


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


def code_version() -> dict[str, str]:
    """Versions that a result depends on: the package, the commit of a checkout, torch and Python."""
    version = {
        "hdr_lightning": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }
    root = Path(__file__).resolve().parents[2]
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
        with suppress(OSError):  # no git on this machine
            described = subprocess.run(command, capture_output=True, text=True, check=False)
            version["commit"] = described.stdout.strip()
    return version
