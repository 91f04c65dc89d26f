"""Runs that are killed or told to stop, and go on as if nothing had happened."""

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.metrics import MEFSSIM
from hdr_lightning.training.experiment import run
from hdr_lightning.training.stopping import Stopped
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

Config = Callable[..., dict[str, Any]]
TRAIN = Path(__file__).parents[2] / "train.py"
LONG = ("data.patches=random", "data.patches_per_epoch=40", "data.augment=true", "trainer.max_epochs=2")
"""Two epochs of ten steps."""


def state(run_dir: Path) -> Any:
    return torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)


def assert_same(one: Path, other: Path) -> None:
    """Weights and optimizer bit for bit, and the curves but for the time."""
    first, second = state(one), state(other)
    assert first["state_dict"].keys() == second["state_dict"].keys()
    for name, value in first["state_dict"].items():
        torch.testing.assert_close(second["state_dict"][name], value, rtol=0, atol=0)
    for moments, others in zip(
        *(kept["optimizer_states"][0]["state"].values() for kept in (first, second)), strict=True
    ):
        torch.testing.assert_close(others, moments, rtol=0, atol=0)
    histories = []
    for folder in (one, other):
        with (folder / "history.csv").open() as stream:
            histories.append([row | {"seconds": ""} for row in csv.DictReader(stream)])
    assert histories[0] == histories[1]
    assert (one / "scores.csv").read_text() == (other / "scores.csv").read_text()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def whole(config: Config, shelf: Path) -> Path:
    """A run that nothing interrupts, the same for all tests."""
    if not (shelf / "whole").exists():
        run(config(*LONG), shelf / "whole")
    return shelf / "whole"


def test_run_that_was_killed_in_an_epoch_ends_with_the_same_weights(
    whole: Path, config: Config, brackets: Path, tmp_path: Path
) -> None:
    """By kill -9, as soon as a checkpoint within the first epoch is there."""
    settings = config(*LONG, "checkpoint_minutes=0")
    code = "import sys, yaml; from pathlib import Path; from hdr_lightning.training.experiment import run; "
    code += "run(yaml.safe_load(sys.stdin.read()), Path(sys.argv[1]))"
    killed = tmp_path / "killed"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(killed)], stdin=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        process.stdin.write(yaml.safe_dump(settings))
        process.stdin.close()
        try:
            wait_until((killed / "checkpoints" / "last.ckpt").exists)
        finally:
            process.kill()
    assert yaml.safe_load((killed / "run.yaml").read_text())["state"] == "running"
    assert 0 < state(killed)["global_step"] < 10
    run(config(*LONG, "checkpoint_minutes=0", "resume=true"), killed)
    assert_same(killed, whole)


class After:
    """Sends a signal to this process during the given call of a method, and counts the calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, method: str, call: int, number: int):
        self.calls = 0
        plain = getattr(owner, method)

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == call:
                os.kill(os.getpid(), number)
            return plain(*arguments)

        monkeypatch.setattr(owner, method, counted)


@pytest.mark.parametrize(
    ("number", "owner", "method", "call", "step"),
    [
        (signal.SIGTERM, WeightedSSIMLoss, "forward", 5, 4),  # in a step, after the trial on noise
        (signal.SIGUSR1, WeightedSSIMLoss, "forward", 14, 13),  # in a step of the second epoch
        (signal.SIGTERM, WeightedSSIMLoss, "forward", 11, 10),  # in the last step of an epoch
        (signal.SIGTERM, MEFSSIM, "update", 1, 10),  # in a validation
        (signal.SIGUSR1, MEFSSIM, "update", 6, 20),  # in the test
    ],
)
def test_run_that_is_told_to_stop_saves_first_and_goes_on(
    number: int,
    owner: type,
    method: str,
    call: int,
    step: int,
    whole: Path,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        After(patch, owner, method, call, number)
        with pytest.raises(Stopped) as caught:
            run(config(*LONG), stopped)
    assert caught.value.code == 128 + number
    assert signal.getsignal(number) == signal.SIG_DFL
    record = yaml.safe_load((stopped / "run.yaml").read_text())
    assert (record["state"], record["reason"]) == ("interrupted", f"Stopped: {128 + number}")
    assert state(stopped)["global_step"] == step
    run(config(*LONG, "resume=true"), stopped)
    assert_same(stopped, whole)
