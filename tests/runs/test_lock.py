import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from filelock import FileLock

from hdr_lightning.errors import InputError
from hdr_lightning.runs.lock import LOCK, is_locked, lock, unlock
from hdr_lightning.training.experiment import run
from hdr_lightning.training.ranks import launch

CANCELLED = ("fusion.fuser.head.1.bias", "fusion.fuser.brightness.head.bias")
"""What is the same for all exposures, and so cancelled by their sum of 1: only rounding moves it."""


def test_folder_is_locked_from_lock_to_unlock_and_asking_changes_nothing(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    held = lock(tmp_path)
    assert held is not None
    assert lock(tmp_path) is None
    assert is_locked(tmp_path) and is_locked(tmp_path)
    unlock(held)
    assert not is_locked(tmp_path)
    again = lock(tmp_path)
    assert again is not None
    unlock(again)


def test_asking_leaves_a_folder_that_was_never_locked_as_it_is(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    assert not list(tmp_path.iterdir())


def test_process_that_is_killed_leaves_the_folder_unlocked(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from hdr_lightning.runs.lock import lock; "
    code += "held = lock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        assert is_locked(tmp_path)
        process.kill()
    assert not is_locked(tmp_path)


def test_asking_at_once_shows_nobody_a_lock(tmp_path: Path) -> None:
    held = lock(tmp_path)
    assert held is not None
    unlock(held)
    with ThreadPoolExecutor(4) as askers:
        assert not any(askers.map(is_locked, [tmp_path] * 40))


def test_folder_of_somebody_else_is_believed_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / LOCK).touch()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refused)
    assert is_locked(tmp_path)


@pytest.mark.slow
def test_two_runs_started_at_once_in_one_folder_and_on_one_cache(
    config: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """Of three processes two have the same folder: one of them trains, the other is refused in one line.

    All find the cache empty. What is trained is what one process alone trains with a cache of its own.
    """
    network = (
        "model=bandnet",
        "model.features=4",
        "model.codes=4",
        "blending=multiband",
        "trainer.max_epochs=1",
    )
    settings, two_ranks = config(*network), config(*network, "trainer=ddp_cpu")
    context = get_context("forkserver")
    context.set_forkserver_preload(["hdr_lightning.training.experiment"])
    with ProcessPoolExecutor(2, context) as others:
        other = others.submit(run, settings, tmp_path / "other")
        same = others.submit(run, settings, tmp_path / "same")
        try:
            launch(two_ranks, tmp_path / "same")
            errors = [same.exception()]
        except InputError as error:
            errors = [error, same.exception()]
        other.result()
    assert [error for error in errors if error] == [errors[0]]
    assert str(errors[0]).endswith("Expected a folder in which nothing runs. Got a run under way")

    run(settings | {"data": settings["data"] | {"cache_dir": str(tmp_path / "own")}}, tmp_path / "alone")
    for name in ("same", "other"):
        weights, alone = (
            torch.load(tmp_path / folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
            for folder in (name, "alone")
        )
        for key, value in alone.items():
            if key not in CANCELLED:
                torch.testing.assert_close(weights[key], value, atol=1e-6, rtol=0)
        assert yaml.safe_load((tmp_path / name / "run.yaml").read_text())["state"] == "finished"
    caches = [
        sorted(file.read_bytes() for file in (tmp_path / folder).rglob("*.npy"))
        for folder in ("cache", "own")
    ]
    assert caches[0] == caches[1]
