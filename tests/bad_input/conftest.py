"""Commands that have to refuse what they are given, and to leave every file as it is."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import fresh_process
import pytest
from fresh_process import Ended

Run = Callable[..., Ended]
Kept = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs ``hdr-<command> words...`` in the test's folder."""
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
