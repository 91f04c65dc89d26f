"""Training by the command line, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TRAIN = str(Path(__file__).parents[2] / "train.py")


@pytest.fixture
def train() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command to its end in a folder; a warning is an error unless asked for otherwise."""

    def run(*overrides: str, cwd: Path, warnings: str = "error") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", warnings, TRAIN, *overrides]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)

    return run


@pytest.fixture
def quick(brackets: Path, tmp_path: Path) -> list[str]:
    """Overrides for a run of about a second."""
    return [
        *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}"),
        *("data.patch_size=48", "data.val_fraction=0.25", "data.test_fraction=0.25", "data.batch_size=4"),
        *("data.patches_per_epoch=4", "model.width=0.07", "trainer=cpu", "trainer.max_epochs=1"),
        *("logger=none",),
    ]
