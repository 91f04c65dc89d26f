"""Containers with little shared memory: told before anything hangs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning import shared_memory
from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.errors import InputError
from hdr_lightning.shared_memory import require_shared_memory


def photographs(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    for name in names:
        Image.fromarray(pixels).save(folder / name)


def test_workers_need_shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "FOLDER", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**26))
    for scene in ("a", "b", "c"):
        photographs(tmp_path / "data" / scene, "1.png", "2.png")
    options = {"cache_dir": str(tmp_path / "cache"), "val_fraction": 0.0, "test_fraction": 0.0}
    options |= {"patch_size": 250, "patches": "random", "patches_per_epoch": 640}
    source = {"layout": "folder", "root": str(tmp_path / "data")}

    def loader(batch_size: int, workers: int) -> None:
        data = SceneDataModule([source], batch_size=batch_size, num_workers=workers, **options)
        data.prepare_data()
        data.train_dataloader()

    loader(64, 0)
    loader(4, 2)
    with pytest.raises(InputError, match=r"data.num_workers=2: Expected 458 MB free in .* Got 64 MB"):
        loader(64, 2)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match=r"--jobs: Expected to write to .* Got read-only"):
        require_shared_memory("--jobs")


class Usage:
    def __init__(self, free: int) -> None:
        self.free = free


MOUNTED = "mount -t tmpfs -o {} tmpfs /dev/shm && exec"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mount", "told"), [("size=64m", "MB free in /dev/shm"), ("ro", "Expected to write to /dev/shm")]
)
def test_workers_where_shared_memory_is_small(tmp_path: Path, mount: str, told: str) -> None:
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    for scene in ("a", "b", "c"):
        photographs(tmp_path / "data" / scene, "1.png", "2.png")
    words = (
        f"data=folder data.root={tmp_path}/data data.test_fraction=0 data.num_workers=2 data.batch_size=64 "
    )
    words += (
        "data.patch_size=250 data.patches=random data.patches_per_epoch=640 trainer=cpu trainer.max_epochs=1"
    )
    command = f'{MOUNTED.format(mount)} {sys.executable} -m hdr_lightning.commands.train {words} "$@"'
    ended = subprocess.run(
        ["unshare", "-m", "sh", "-c", command, "sh", f"run_dir={tmp_path}/run"],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    assert told in ended.stderr and "data.num_workers=2" in ended.stderr
