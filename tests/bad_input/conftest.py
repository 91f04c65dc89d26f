"""Commands that have to refuse what they are given, and to leave every file as it is."""

import copy
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import fresh_process
import pytest
from fresh_process import Ended
from hydra import compose, initialize_config_dir

from hdr_lightning.config import CONF, schema
from hdr_lightning.errors import InputError
from hdr_lightning.training.experiment import run as train

Run = Callable[..., Ended]
Kept = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs `hdr-<command> words...` in the test's folder."""
    aside = tmp_path_factory.mktemp("aside")

    def ran(command: str, *words: str | Path) -> Ended:
        return fresh_process.run(command, tuple(map(str, words)), tmp_path, aside)

    return ran


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
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
def refused(run: Run, kept: Kept) -> Callable[..., str]:
    """Runs a command that has to refuse its words, and checks how: what it says is returned."""

    def check(command: str, *words: str | Path, names: str | Iterable[str]) -> str:
        with kept():
            ended = run(command, *words)
        told = ended.err
        assert ended.status not in (0, None), ended
        assert 1 <= len(told.strip().splitlines()) <= 2, told
        assert "Traceback" not in told
        for name in [names] if isinstance(names, str) else names:
            assert name in told
        return told

    return check


@pytest.fixture(scope="session")
def plain() -> dict[str, Any]:
    """The configuration of a run of no time on `data`, and into `out`."""
    data = ["data=folder", "data.root=data", "data.cache_dir=cache", "data.patch_size=48"]
    quick = ["data.patches_per_epoch=2", "data.val_fraction=0.3", "data.test_fraction=0", "pictures=0"]
    more = ["trainer=cpu", "trainer.max_epochs=1", "trainer.enable_progress_bar=false", "logger=none"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return schema.plain(compose("train", [*data, *quick, *more, "model.width=0.05"]))


@pytest.fixture
def refused_run(
    plain: dict[str, Any], kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Starts a run with changed settings that it has to refuse; the command makes a line of what it says."""
    monkeypatch.chdir(tmp_path)

    def check(changes: dict[str, Any], names: str) -> None:
        config = copy.deepcopy(plain)
        for key, value in changes.items():
            *above, last = key.split(".")
            part = config
            for name in above:
                part = part[name]
            part[last] = value
        with pytest.raises(InputError) as error, kept():
            train(config, tmp_path / "out")
        assert names in str(error.value) and len(str(error.value).splitlines()) == 1

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
