"""Work for processes of their own that counts how often it is done, and dies where it is told to."""

import os
import signal
import time
from pathlib import Path

from hdr_lightning.brackets.outputs import Job
from hdr_lightning.errors import InputError


def work(job: Job) -> str:
    """Write the output and a line to a log beside it; `die`, `late` and `bad` in the name say what else."""
    assert job.output is not None
    name, log = job.output.name, job.output.parent / "log"
    first = not (job.output.parent / f"{name}.tried").exists()
    (job.output.parent / f"{name}.tried").touch()
    if "bad" in name:
        raise InputError(f"Expected a good bracket. Got {name}")
    if ("die" in name and first and "late" not in name) or "always" in name:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    with log.open("a") as stream:
        stream.write(f"{name}\n")
    job.output.touch()
    print(f"done {name}")
    if "late" in name and first:
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def job(folder: Path, name: str) -> Job:
    from hdr_lightning.brackets.inputs import Bracket

    return Job(Bracket(name, ()), folder / name, ".png", None)


def slow(job: Job) -> None:
    """Say that it has begun, and take longer than anybody waits."""
    assert job.output is not None
    job.output.write_text("begun")
    time.sleep(300)
