"""Every command run to its end in a fresh process, forked from one that has imported what takes seconds."""

import hashlib
import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

HYDRA = {"train": "train.py", "evaluate": "evaluate.py"}
"""Commands that read their words from ``sys.argv``."""
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        *("hdr_lightning.commands.train", "hdr_lightning.training.experiment"),
        *("hdr_lightning.commands.evaluate", "hdr_lightning.evaluation.scoring"),
        *("hdr_lightning.fusing.batch", "hdr_lightning.comparison.report", "hdr_lightning.figures.paper"),
        *("hdr_lightning.exchange", "onnxruntime", "pytest"),
    ]
)


class Ended(NamedTuple):
    """How a command ended."""

    status: int | None
    out: str
    err: str


Run = Callable[..., Ended]
Refused = Callable[..., str]


def _child(command: str, words: tuple[str, ...], folder: Path, environment: dict[str, str]) -> None:
    """Run in the forked process; how it ends is how the process ends, as if it were the whole program."""
    os.environ |= environment
    os.chdir(folder)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(environment[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.argv = [HYDRA.get(command, f"hdr-{command}"), *words]
    main = importlib.import_module(f"hdr_lightning.commands.{command}").main
    main() if command in HYDRA else main(words)


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs ``hdr-<command> words...`` in the test's folder."""
    aside = tmp_path_factory.mktemp("aside")
    environment = {"out": str(aside / "out"), "err": str(aside / "err"), "WANDB_MODE": "offline"}
    environment |= {"HDR_LIGHTNING_CACHE": str(aside / "cache"), "COLUMNS": "200"}

    def ran(command: str, *words: str | Path) -> Ended:
        process = SERVER.Process(target=_child, args=(command, tuple(map(str, words)), tmp_path, environment))
        process.start()
        process.join(120)
        if process.is_alive():
            process.kill()
        out, err = (Path(environment[name]).read_text(errors="replace") for name in ("out", "err"))
        return Ended(process.exitcode, out, err)

    return ran


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """A block that leaves every file of the test's folder as it was; new ones may appear."""

    @contextmanager
    def block() -> Iterator[None]:
        before = tree(tmp_path)
        try:
            yield
        finally:
            assert tree(tmp_path).items() >= before.items()

    return block


@pytest.fixture
def refused(run: Run, kept: Callable[[], AbstractContextManager[None]]) -> Refused:
    """Runs a command that has to refuse its words, and checks how: what it says is returned."""

    def check(command: str, *words: str | Path, names: str) -> str:
        with kept():
            ended = run(command, *words)
        told = ended.err
        assert ended.status not in (0, None), ended
        assert 1 <= len(told.strip().splitlines()) <= 2, told
        assert "Traceback" not in told
        assert names in told
        return told

    return check


def tree(folder: Path) -> dict[str, str]:
    """A hash of every file below a folder, links as links."""
    found = {}
    for place, folders, files in os.walk(os.fsencode(folder)):
        for name in [*folders, *files]:
            path = os.path.join(place, name)
            if os.path.islink(path):
                found[os.fsdecode(path)] = os.fsdecode(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as stream:
                    found[os.fsdecode(path)] = hashlib.sha256(stream.read()).hexdigest()
    return found
