"""Checkpoints on the disk: room for them is looked for at the start, and none is lost for the next."""

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities import rank_zero_only

from hdr_lightning.errors import InputError
from hdr_lightning.files import replacing

COPIES = 3
"""The best and the last checkpoint, and the next one beside them while it is written."""
_MB = 1e6


class CheckpointFiles(TorchCheckpointIO):
    """Write each checkpoint beside its place and rename it: a full disk or a kill leaves the one before."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint whole or not at all.

        Raises:
            InputError: There is no room for it, or the disk refuses it.
        """
        file = Path(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as temporary:
                _write(checkpoint, temporary)
        except (OSError, RuntimeError) as error:  # torch tells of a failed write by a RuntimeError
            cause = error.__context__ if isinstance(error.__context__, OSError) else error
            remark = ". The one before is kept" if file.exists() else ""
            raise InputError(f"{file}: Expected room for a checkpoint. Got: {cause}{remark}") from error


def _write(checkpoint: dict[str, Any], file: Path) -> None:
    with file.open("wb") as stream:
        torch.save(checkpoint, stream)
        stream.flush()
        os.fsync(stream.fileno())


@rank_zero_only
def require_room(folder: Path, parameters: int) -> None:
    """Make sure that the checkpoints of a network fit on the disk: weights and two moments of the optimizer.

    Args:
        folder: Of the run.
        parameters: Of the network.

    Raises:
        InputError: They do not.
    """
    needed = COPIES * 3 * 4 * parameters
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"run_dir={folder}: Expected {needed / _MB:.0f} MB free for checkpoints. Got {free / _MB:.0f} MB"
        )
