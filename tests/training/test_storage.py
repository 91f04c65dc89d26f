"""Disks that are full, or become so."""

import resource
import subprocess
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.training.experiment import run
from hdr_lightning.training.storage import CheckpointFiles, require_room

Config = Callable[..., dict[str, Any]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, where this process may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk_is_told_at_the_start(config: Config, small_disk: Path) -> None:
    with pytest.raises(
        InputError, match=rf"run_dir={small_disk}/run: Expected 3 MB free for checkpoints. Got \d MB"
    ):
        run(config(), small_disk / "run")
    assert not (small_disk / "run" / "history.csv").exists()


def test_disk_that_may_only_be_read_is_told_at_the_start(config: Config, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(
        InputError, match=rf"run_dir={small_disk}/run: Expected a folder to write in\. .*Read-only"
    ):
        run(config(), small_disk / "run")


def test_room_is_for_three_checkpoints_of_weights_and_moments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_usage = namedtuple("usage", "free")
    for free, enough in ((36_000_000, True), (35_999_999, False)):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: run_usage(free))
        if enough:
            require_room(tmp_path, 1_000_000)
        else:
            with pytest.raises(InputError, match=r"Expected 36 MB free for checkpoints\. Got 36 MB"):
                require_room(tmp_path, 1_000_000)


def test_disk_that_fills_later_leaves_the_checkpoint_before(small_disk: Path) -> None:
    file = small_disk / "checkpoints" / "last.ckpt"
    CheckpointFiles().save_checkpoint({"weights": torch.ones(100_000)}, file)
    with pytest.raises(
        InputError, match=rf"{file}: Expected room for a checkpoint. Got: .*No space left on device"
    ) as met:
        CheckpointFiles().save_checkpoint({"weights": torch.zeros(1_000_000)}, file)
    assert str(met.value).endswith("The one before is kept")
    assert torch.load(file, weights_only=True)["weights"].sum() == 100_000
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.slow
def test_run_whose_disk_fills_tells_so_and_can_go_on(config: Config, tmp_path: Path) -> None:
    """The system refuses files above a size, as quotas do, once the first epoch is over."""
    folder = tmp_path / "run"
    run(config("trainer.max_epochs=1"), folder)
    before = (folder / "checkpoints" / "last.ckpt").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(
            InputError, match=rf"{folder}/checkpoints/\w+.ckpt: Expected room for a checkpoint"
        ):
            run(config("trainer.max_epochs=2", "resume=true"), folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (folder / "checkpoints" / "last.ckpt").read_bytes() == before
    assert yaml.safe_load((folder / "run.yaml").read_text())["state"] == "failed"
    run(config("trainer.max_epochs=2", "resume=true"), folder)
    assert yaml.safe_load((folder / "run.yaml").read_text())["state"] == "finished"
