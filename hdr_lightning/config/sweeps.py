"""What happens around the jobs of a sweep: a record before the first, an account after the last."""

import logging
import os
import platform
import shlex
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from hdr_lightning.config.checks import refuse_unread
from hdr_lightning.config.resolvers import varied
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.runs.folder import ERROR, RECORD, SWEEP_RECORD
from hdr_lightning.training.ranks import is_rank
from hdr_lightning.training.stopping import SIGNALS

INTERRUPTED = "Interrupted: the same command continues this sweep."


class Outcome(NamedTuple):
    """What came of a job."""

    name: str
    score: float | None  # best MEF-SSIM on the validation scenes, of a finished job
    failure: str | None  # why it did not finish in this sweep


class Sweep(Callback):
    """Called by Hydra around a sweep, see `hydra.callbacks` in `conf/train.yaml`."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Write down what varies: jobs are named by it, wherever they run."""
        if is_rank():
            sys.exit(
                "error: Expected one process for a sweep. Got one of several, by torchrun or srun: start it "
                "alone; trainer=ddp gives each job its processes, hydra/launcher=slurm also on several nodes"
            )
        try:
            refuse_unread(config)
        except InputError as error:
            sys.exit(f"error: {error}")
        folder = Path(config.hydra.sweep.dir)
        for number in SIGNALS:
            signal.signal(number, lambda number, _: stop_jobs(folder, number))
        words = list(config.hydra.overrides.task)
        record = {"words": words, "varies": varied(words, OmegaConf.select(config, "hydra.sweeper.params"))}
        OmegaConf.save(record, folder / SWEEP_RECORD)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Say what came of every job; leaves with status 1 if one failed."""
        folder = Path(config.hydra.sweep.dir)
        jobs = read_outcomes(folder)
        print_outcomes(folder, jobs)
        failures = [f"{job.name}: {job.failure}" for job in jobs if job.failure]
        if failures:
            message = f"error: Expected every job to finish. Got {len(failures)} of {len(jobs)} that did not "
            sys.exit("\n  ".join([f"{message}(the same command runs them again):", *failures]))


def stop_jobs(folder: Path, number: int) -> None:
    """Tell the jobs in other processes of this machine to stop, and wait until they have saved.

    Raises:
        SystemExit: Always: then the sweep ends too.
    """
    from hdr_lightning.runs.lock import is_locked

    running = []
    for file in folder.glob(f"*/{RECORD}"):
        record: Any = OmegaConf.load(file)
        elsewhere = record.get("host") != platform.node() or record.get("pid") == os.getpid()
        if record.state == "running" and not elsewhere and is_locked(file.parent):
            with suppress(ProcessLookupError):
                os.kill(record.pid, number)
                running.append(file.parent)
    while any(is_locked(job) for job in running):
        time.sleep(0.1)
    if running:
        print(INTERRUPTED, file=sys.stderr)
    sys.exit(128 + number)


def note_failure(job: Path, error: Exception) -> None:
    """Keep why a job failed, so that the sweep can go on and tell in the end; its first rank tells."""
    expected = isinstance(error, InputError)
    reason = str(error) if expected else f"{type(error).__name__}: {error}"
    trace = [] if expected else ["", *traceback.format_exception(error)]
    with suppress(FileExistsError), (job / ERROR).open("x", encoding="utf-8") as stream:
        stream.write("\n".join([reason, *trace]) + "\n")
    logging.getLogger(__name__).error("%s failed: %s", job.name, reason)


def read_outcomes(folder: Path) -> list[Outcome]:
    """Every job that finished in a sweep's folder, now or before, and those that failed since it began."""
    began = _time(folder / SWEEP_RECORD)
    jobs = (_outcome(path, began) for path in sorted(folder.iterdir()) if path.is_dir())
    return [job for job in jobs if job]


def _outcome(folder: Path, began: float) -> Outcome | None:
    error, record = folder / ERROR, folder / RECORD
    if error.is_file() and _time(error) >= max(began, _time(record)):
        return Outcome(folder.name, None, error.read_text(encoding="utf-8").partition("\n")[0])
    if not record.is_file():
        return None
    try:
        values: Any = OmegaConf.load(record)
        state = values.state
    except Exception as error:
        return Outcome(folder.name, None, f"Expected the record of a run in {record}. Got: {one_line(error)}")
    if state == "finished":
        return Outcome(folder.name, values.get("best_val_mef_ssim"), None)
    from hdr_lightning.runs.lock import is_locked

    if _time(record) >= began and not is_locked(folder):  # else it goes on, in another sweep
        return Outcome(folder.name, None, f"Expected an end. Got none: its state is {state}")
    return None


def _time(file: Path) -> float:
    """When a file was written; long ago for one that is missing."""
    return file.stat().st_mtime if file.is_file() else 0.0


def print_outcomes(folder: Path, jobs: list[Outcome]) -> None:
    """Print the jobs, and the commands that show them."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("job", title=f"Sweep {escape(str(folder))}", title_justify="left")
    table.add_column("best validation MEF-SSIM", justify="right")
    for job in jobs:
        score = "failed" if job.failure else "" if job.score is None else f"{job.score:.4f}"
        table.add_row(escape(job.name), score)
    console = Console()
    console.print(table)
    place = shlex.quote(str(folder))
    commands = {f"hdr-compare {place}": "a page that compares them"}
    if list(folder.glob("wandb/offline-run-*")):
        commands |= {
            f"wandb leet {place}/wandb": "their curves in the terminal",
            f"wandb sync {place}/wandb/offline-run-*": "to the W&B server, once you are logged in",
        }
    for command, what in commands.items():
        console.print(f"  {command}  # {what}", highlight=False, soft_wrap=True, markup=False)
