"""Weights & Biases set up to never ask and never wait, and pictures and tables for whatever logger is on."""

import csv
import netrc
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger, WandbLogger
from lightning.pytorch.utilities import rank_zero_only
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.runs.folder import SWEEP_RECORD

MLFLOW_RUN = ".mlflow"
"""Holds the identity of a run's MLflow run, in its folder."""
WITHOUT_DATABASE = ("http:", "https:", "file:", "databricks")
"""Beginnings of addresses for which the package `mlflow-skinny` is enough."""
WANDB_HOST = "api.wandb.ai"


def wandb_logger(
    project: str,
    save_dir: str,
    group: str | None = None,
    name: str | None = None,
    tags: Sequence[str] = (),
    **options: Any,
) -> WandbLogger:
    """A W&B run that is online for those who are logged in, else offline; `WANDB_MODE` decides otherwise.

    Args:
        project: W&B project.
        save_dir: Folder of the run; a run that is continued there keeps its W&B identity. The jobs of a sweep
            write into the sweep's folder, where `wandb leet` and `wandb sync` find them side by side.
        group: Group of the run; by default the name of the folder that holds the run's folder.
        name: Name of the run; by default that of its folder.
        tags: Tags of the run.
        options: More for `wandb.init`, such as `entity`.
    """
    import wandb

    wandb.setup(wandb.Settings(silent=True))  # Lightning's own arguments make it warn
    folder = Path(save_dir).resolve()
    options = {
        "name": name or folder.name,
        "group": group or folder.parent.name,
        "save_dir": str(folder.parent if (folder.parent / SWEEP_RECORD).is_file() else folder),
        "id": _run_id(folder),
        "tags": list(tags),
        "mode": os.environ.get("WANDB_MODE") or ("online" if _logged_in() else "offline"),
        "settings": wandb.Settings(console="off"),
        **options,
    }
    return WandbLogger(project=project, **options)


def csv_logger(save_dir: str, **options: Any) -> CSVLogger:
    """Lightning's CSV logger in the run's folder `csv`, in `csv_2` and so on where the run continues.

    Lightning's own would delete what a run wrote before it was continued.
    """
    starts = 1 + len(list(Path(save_dir).glob("csv*")))
    place = {"name": "", "version": "csv" if starts == 1 else f"csv_{starts}"}
    return CSVLogger(save_dir, **(place | options))


def mlflow_logger(
    experiment: str,
    save_dir: str,
    name: str | None = None,
    uri: str | None = None,
    tags: Mapping[str, str] | None = None,
    **options: Any,
) -> MLFlowLogger:
    """An MLflow run, in files or on a server; a run that is continued in its folder keeps its identity.

    Args:
        experiment: MLflow experiment.
        save_dir: Folder of the run.
        name: Name of the run; by default that of its folder.
        uri: Where the runs are kept; by default `MLFLOW_TRACKING_URI`, or the database `mlflow.db` beside
            the run, which all runs there share: `mlflow ui --backend-store-uri sqlite:///runs/mlflow.db`.
        tags: Tags of the run.
        options: More for `lightning.pytorch.loggers.MLFlowLogger`.

    Raises:
        InputError: The runs are kept in a database, and only the package `mlflow-skinny` is installed.
    """
    folder = Path(save_dir).resolve()
    identity = folder / MLFLOW_RUN
    uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder.parent / 'mlflow.db'}"
    if not uri.startswith(WITHOUT_DATABASE) and find_spec("sqlalchemy") is None:
        raise InputError(
            f"logger=mlflow: Expected the whole of mlflow (pip install 'hdr-lightning[mlflow]') for {uri}. "
            "Got mlflow-skinny, which takes a server (logger.uri=https://...) or files (logger.uri=file:...)"
        )
    logger = MLFlowLogger(
        experiment_name=experiment,
        run_name=name or folder.name,
        tracking_uri=uri,
        tags=dict(tags or {}),
        run_id=identity.read_text() if identity.exists() else None,
        **({"artifact_location": (folder.parent / "mlartifacts").as_uri()} | options),
    )
    if rank_zero_only.rank == 0:  # type: ignore[attr-defined]
        identity.write_text(str(logger.run_id))
    return logger


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
        elif isinstance(logger, MLFlowLogger):
            for file in files:
                image = np.asarray(Image.open(file))
                logger.experiment.log_image(logger.run_id, image, key=f"{key}/{file.stem}", step=step)


@rank_zero_only
def log_table(loggers: Iterable[Logger], key: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Log a table to every logger that keeps tables."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.log_table(key, columns, rows)
        elif isinstance(logger, MLFlowLogger):
            text = StringIO()
            csv.writer(text).writerows([columns, *rows])
            logger.experiment.log_text(logger.run_id, text.getvalue(), f"{key}.csv")


@rank_zero_only
def summarize(loggers: Iterable[Logger], values: dict[str, Any]) -> None:
    """Set final values of the run, such as its best score, where a logger has a place for them."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.summary.update(values)
        elif isinstance(logger, MLFlowLogger):
            for name, value in values.items():
                logger.experiment.set_tag(logger.run_id, name, str(value))


@rank_zero_only
def finish(loggers: Iterable[Logger], failed: bool) -> None:
    """Close the run of a logger with its true state; the next job of a multirun would log into W&B's."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish(exit_code=int(failed))
        elif isinstance(logger, MLFlowLogger):
            logger.experiment.set_terminated(logger.run_id, "FAILED" if failed else "FINISHED")


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
    identity = folder / "wandb" / "id"
    if rank_zero_only.rank > 0:  # type: ignore[attr-defined]  # rank 0 holds the run
        return ""
    if not identity.exists():
        identity.parent.mkdir(parents=True, exist_ok=True)
        identity.write_text(token_hex(4))
    return identity.read_text()
