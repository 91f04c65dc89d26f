"""Where the time of a training goes: Lightning's profilers, with their tables in the run's folder."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.profilers import (
    AdvancedProfiler,
    PassThroughProfiler,
    Profiler,
    PyTorchProfiler,
    SimpleProfiler,
)
from lightning.pytorch.utilities import rank_zero_only
from rich.console import Console

PROFILERS: dict[str, type[Profiler]] = {
    "simple": SimpleProfiler,
    "advanced": AdvancedProfiler,
    "pytorch": PyTorchProfiler,
}


def named_profiler(name: Any, folder: Path) -> Any:
    """The profiler of that name, which writes into the folder; anything else is left to Lightning."""
    if not isinstance(name, str) or name not in PROFILERS:
        return name
    made: Any = PROFILERS[name]
    folder.mkdir(parents=True, exist_ok=True)
    return made(dirpath=folder, filename=name)


@rank_zero_only
def print_profile(folder: Path, name: Any) -> None:
    """Print the table of a profiler of ours, or where it lies if it is long."""
    for file in sorted(folder.glob("fit-*.txt")):
        shown = file.read_text(encoding="utf-8") if name == "simple" else ""
        Console().print(
            f"{shown}  {file}: where the time went", highlight=False, markup=False, soft_wrap=True
        )


def end_profile(trainer: L.Trainer) -> None:
    """Let the tests that follow a training be no part of its profile."""
    trainer.profiler = PassThroughProfiler()  # type: ignore[attr-defined]
