"""Sweeps by the command line: what is skipped, continued, reported."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import yaml

from hdr_lightning.config.sweeps import Outcome, read_outcomes, stop_jobs
from hdr_lightning.runs.lock import lock, unlock
from hdr_lightning.training.experiment import run
from hdr_lightning.training.stopping import Stopped
from tests.waiting import wait_until

Train = Callable[..., subprocess.CompletedProcess[str]]
TRAIN = Path(__file__).parents[2] / "train.py"


def record(job: Path) -> dict[str, object]:
    values: dict[str, object] = yaml.safe_load((job / "run.yaml").read_text())
    return values


@pytest.mark.slow
def test_same_command_does_only_what_is_missing_and_failures_are_told_at_the_end(
    train: Train, quick: list[str], tmp_path: Path
) -> None:
    command = ["-m", "seed=1,-1,2", *quick, "trainer.max_epochs=30"]
    with subprocess.Popen(
        [sys.executable, str(TRAIN), *command], cwd=tmp_path, stdout=subprocess.DEVNULL
    ) as first:
        try:
            wait_until(lambda: list(tmp_path.glob("runs/*/seed=2/checkpoints/last.ckpt")))
        finally:
            first.kill()
    (sweep,) = (tmp_path / "runs").iterdir()
    done = (sweep / "seed=1" / "run.yaml").read_bytes()
    assert record(sweep / "seed=1")["state"] == "finished"
    assert record(sweep / "seed=2")["state"] == "running"  # it was killed

    again = train(*command, cwd=tmp_path)
    assert again.returncode == 1
    assert list((tmp_path / "runs").iterdir()) == [sweep]
    assert (sweep / "seed=1" / "run.yaml").read_bytes() == done
    assert f"Finished before, at commit {record(sweep / 'seed=1').get('commit', 'unknown')}" in again.stdout
    assert record(sweep / "seed=2")["state"] == "finished"
    told = again.stderr.strip().splitlines()
    assert told[-2].startswith("error: Expected every job to finish. Got 1 of 3 that did not")
    assert told[-1] == "  seed=-1: seed: Expected a number of at least 0. Got -1"
    assert "Traceback" not in again.stderr
    assert "hdr-compare runs/" in again.stdout


@pytest.mark.slow
def test_joblib_names_and_reports_jobs_alike(train: Train, quick: list[str], tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    launcher = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    done = train("-m", *launcher, "seed=1,-1", *quick, "trainer=ddp_cpu", "run_dir=out", cwd=tmp_path)
    assert done.returncode == 1
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == {"seed=1", "seed=-1"}
    assert record(tmp_path / "out" / "seed=1")["state"] == "finished"
    assert done.stderr.strip().splitlines()[-1] == "  seed=-1: seed: Expected a number of at least 0. Got -1"


@pytest.mark.slow
def test_optuna_maximises_the_validation_score_of_jobs_of_two_ranks(
    train: Train, quick: list[str], tmp_path: Path
) -> None:
    """The ranks of a job train with its learning rate: alone, it gives the same loss."""
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    search = ["hydra/sweeper=search", "hydra.sweeper.n_trials=2", "optimizer.lr=interval(1e-4,1e-2)"]
    small = ["model=bandnet", "model.features=4", "blending=multiband", "data.patches_per_epoch=11"]
    quick = [word for word in quick if not word.startswith(("model.", "data.patches_per_epoch"))]
    found = train(
        "-m", *search, *quick, *small, "trainer=ddp_cpu", "run_dir=out", cwd=tmp_path, warnings="default"
    )
    assert found.returncode == 0, found.stderr
    best = yaml.safe_load((tmp_path / "out" / "optimization_results.yaml").read_text())["best_value"]
    jobs = [file.parent for file in (tmp_path / "out").glob("*/run.yaml")]
    scores = [record(job)["best_val_mef_ssim"] for job in jobs]
    assert len(scores) == 2 and best == max(scores)  # type: ignore[type-var]
    for job in jobs:
        settings = yaml.safe_load((job / "config.yaml").read_text())
        assert job.name == f"optimizer.lr={settings['optimizer']['lr']}"
        settings["trainer"] |= {"devices": 1, "strategy": "auto"}
        run(settings, tmp_path / "alone" / job.name)
        together, alone = (
            [
                float(value)
                for value in (folder / job.name / "history.csv").read_text().splitlines()[1].split(",")
            ]
            for folder in (tmp_path / "out", tmp_path / "alone")
        )
        assert together[3:6] == pytest.approx(alone[3:6], abs=2e-6)  # learning rate, score, loss


STOPPER = """
import os
from pathlib import Path
from hdr_lightning.losses import WeightedSSIMLoss

class Stopper(WeightedSSIMLoss):
    calls = 0

    def gamma_maps(self, exposures):
        Stopper.calls += 1
        if Stopper.calls == 2 and not Path("told").exists():  # the first is of the validation
            Path("told").touch()
            os.kill(os.getpid(), 15)
        return super().gamma_maps(exposures)
"""


@pytest.mark.slow
def test_sweep_that_is_told_to_stop_in_a_test_stops_and_goes_on(
    train: Train, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stopper.py").write_text(STOPPER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = ["-m", "seed=1,2", *quick, "loss=weighted_ssim", "loss._target_=stopper.Stopper"]
    command += ["run_dir=out"]
    stopped = train(*command, cwd=tmp_path)
    assert stopped.returncode == 128 + signal.SIGTERM, stopped.stderr
    assert stopped.stderr.splitlines()[-1] == "Interrupted: the same command continues this sweep."
    assert record(tmp_path / "out" / "seed=1")["state"] == "interrupted"
    assert not (tmp_path / "out" / "seed=2").exists()
    again = train(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert {record(tmp_path / "out" / f"seed={seed}")["state"] for seed in (1, 2)} == {"finished"}


@pytest.mark.slow
def test_jobs_in_other_processes_are_told_to_stop(
    config: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """As a joblib worker runs them."""
    settings = config("data.patches_per_epoch=4000", "model=bandnet", "blending=multiband")
    context = get_context("forkserver")
    context.set_forkserver_preload(["hdr_lightning.training.experiment"])
    with ProcessPoolExecutor(1, context) as worker:
        job = worker.submit(run, settings | {"checkpoint_minutes": 0}, tmp_path / "job")
        wait_until((tmp_path / "job" / "checkpoints" / "last.ckpt").exists)
        with pytest.raises(SystemExit, match="143"):
            stop_jobs(tmp_path, signal.SIGTERM)
        assert record(tmp_path / "job")["state"] == "interrupted"  # it has been waited for
        assert isinstance(job.exception(), Stopped)


def test_sweep_is_no_work_for_torchrun(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    refused = train("-m", "seed=1,2", "run_dir=out", cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: Expected one process for a sweep. Got one of several")


def test_table2_sweeps_every_gamma_by_itself(train: Train, tmp_path: Path) -> None:
    shown = train("experiment=table2", "--cfg", "hydra", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    hydra = yaml.safe_load(shown.stdout)["hydra"]
    assert hydra["sweeper"]["params"] == {"seed": "1,2", "loss.gamma": "glob(*)"}
    assert hydra["mode"] == "MULTIRUN"


def test_job_is_judged_by_what_it_wrote_last(tmp_path: Path) -> None:
    """Files as jobs leave them: failed before, failed now, made good by another process, killed, one that
    runs on in another sweep, and one whose record is spoilt.
    """

    def write(job: str, name: str, text: str, time: float) -> None:
        (tmp_path / job).mkdir(exist_ok=True)
        (tmp_path / job / name).write_text(text)
        os.utime(tmp_path / job / name, (time, time))

    write(".", "sweep.yaml", "", 100)
    write("before", "error.txt", "old\n", 50)
    write("failed", "run.yaml", "state: finished\n", 60)
    write("failed", "error.txt", "Expected other settings\n\nTraceback", 150)
    write("good", "error.txt", "Got a run under way\n", 120)
    write("good", "run.yaml", "state: finished\nbest_val_mef_ssim: 0.5\n", 160)
    write("killed", "run.yaml", "state: running\n", 130)
    write("other", "run.yaml", "state: running\n", 140)
    write("spoilt", "run.yaml", "state: [1\nb: }", 140)
    held = lock(tmp_path / "other")
    assert held is not None
    jobs = read_outcomes(tmp_path)
    unlock(held)
    spoilt = jobs.pop()
    assert spoilt.failure is not None and "spoilt/run.yaml. Got: " in spoilt.failure
    assert len(spoilt.failure.splitlines()) == 1
    assert jobs == [
        Outcome("failed", None, "Expected other settings"),
        Outcome("good", 0.5, None),
        Outcome("killed", None, "Expected an end. Got none: its state is running"),
    ]
