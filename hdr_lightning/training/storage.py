"""Checkpoints on the disk: room for them is looked for at the start, and none is lost for the next."""

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch import callbacks
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


class ModelCheckpoint(callbacks.ModelCheckpoint):
    """Lightning's, with one file of its name; it goes on in the folder of a run that was moved."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, enable_version_counter=False, **options)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the files of this name in the present folder."""

        def here(path: str) -> str:
            return str(Path(self.dirpath or "", Path(path).name)) if path else path

        paths = ("best_model_path", "last_model_path", "kth_best_model_path")
        moved = {name: here(state_dict[name]) for name in paths}
        scores = {here(path): score for path, score in state_dict["best_k_models"].items()}
        super().load_state_dict(state_dict | moved | {"dirpath": self.dirpath, "best_k_models": scores})


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
