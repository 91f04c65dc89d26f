"""Weights & Biases set up to never ask and never wait, and pictures and tables for whatever logger is on."""

import netrc
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger, WandbLogger
from lightning.pytorch.utilities import rank_zero_only
from PIL import Image

from hdr_lightning.runs.folder import SWEEP_RECORD

WANDB_HOST = "api.wandb.ai"


def wandb_logger(
    project: str, save_dir: str, group: str | None = None, name: str | None = None, tags: Sequence[str] = ()
) -> WandbLogger:
    """A W&B run that is online for those who are logged in, else offline; ``WANDB_MODE`` decides otherwise.

    Args:
        project: W&B project.
        save_dir: Folder of the run; a run that is continued there keeps its W&B identity. The jobs of a sweep
            write into the sweep's folder, where ``wandb leet`` and ``wandb sync`` find them side by side.
        group: Group of the run; by default the name of the folder that holds the run's folder.
        name: Name of the run; by default that of its folder.
        tags: Tags of the run.
    """
    import wandb

    wandb.setup(wandb.Settings(silent=True))  # Lightning's own arguments make it warn
    folder = Path(save_dir).resolve()
    return WandbLogger(
        project=project,
        name=name or folder.name,
        group=group or folder.parent.name,
        save_dir=str(folder.parent if (folder.parent / SWEEP_RECORD).is_file() else folder),
        id=_run_id(folder),
        tags=list(tags),
        mode=os.environ.get("WANDB_MODE") or ("online" if _logged_in() else "offline"),
        settings=wandb.Settings(console="off"),
    )


def csv_logger(save_dir: str) -> CSVLogger:
    """Lightning's CSV logger in the run's folder ``csv``, in ``csv_2`` and so on where the run continues.

    Lightning's own would delete what a run wrote before it was continued.
    """
    starts = 1 + len(list(Path(save_dir).glob("csv*")))
    return CSVLogger(save_dir, name="", version="csv" if starts == 1 else f"csv_{starts}")


@rank_zero_only
def log_images(loggers: Iterable[Logger], key: str, files: Sequence[Path], step: int) -> None:
    """Log PNG files under one key, captioned by their names, to every logger that keeps images."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.log_image(key, [str(file) for file in files], step, caption=[file.stem for file in files])
        elif isinstance(logger, TensorBoardLogger):
            for file in files:
                logger.experiment.add_image(
                    f"{key}/{file.stem}", np.asarray(Image.open(file)), step, dataformats="HWC"
                )


@rank_zero_only
def log_table(loggers: Iterable[Logger], key: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Log a table to every logger that keeps tables."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.log_table(key, columns, rows)


@rank_zero_only
def summarize(loggers: Iterable[Logger], values: dict[str, Any]) -> None:
    """Set final values of the run, such as its best score, where a logger has a place for them."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.summary.update(values)


@rank_zero_only
def finish(loggers: Iterable[Logger], failed: bool) -> None:
    """Close the W&B run with its true state, or the next job of a multirun would log into it."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish(exit_code=int(failed))


def _logged_in() -> bool:
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = os.environ.get("WANDB_BASE_URL", WANDB_HOST).split("//")[-1].split("/")[0]
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def _run_id(folder: Path) -> str:
    """The identity of the run in this folder, made once, so that a continued run stays one run."""
    kept = folder / "wandb" / "id"
    if rank_zero_only.rank > 0:  # type: ignore[attr-defined]  # rank 0 holds the run
        return ""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(token_hex(4))
    return kept.read_text()
