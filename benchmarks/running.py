"""Whole runs for the benchmarks: the configuration of `train.py`, with a spectator among the callbacks."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import lightning as L
from hydra import compose, initialize_config_dir

from hdr_lightning.config import CONF, schema
from hdr_lightning.training import experiment


def composed(*overrides: str) -> dict[str, Any]:
    """The configuration that `python train.py OVERRIDES` has."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return schema.plain(compose("train", list(overrides)))


def run(config: dict[str, Any], folder: Path, spectator: L.Callback) -> None:
    """Run it in a folder; W&B stays there too."""
    os.environ.update(WANDB_MODE="offline", WANDB_DATA_DIR=str(folder), WANDB_CACHE_DIR=str(folder))
    with _watched_by(spectator), redirect_stdout(sys.stderr):  # progress, beside the results
        experiment.run(config, folder / "run")


@contextmanager
def _watched_by(spectator: L.Callback) -> Iterator[None]:
    built = experiment.build_trainer

    def build(*arguments: Any, **named: Any) -> Any:
        trainer, *rest = built(*arguments, **named)
        trainer.callbacks.append(spectator)  # type: ignore[attr-defined]
        return trainer, *rest

    with patch.object(experiment, "build_trainer", build):
        yield
