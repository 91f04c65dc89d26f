"""Fixtures and limits shared by every test."""

import os
import subprocess
import sys

# Several processes share the cores during the suite; one thread each is several times faster here.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

TRAIN = str(Path(__file__).parents[1] / "train.py")
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of research photographs and golden values beside the checkout, or a skip."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout")
    return SHARED


@pytest.fixture
def brackets(tmp_path: Path) -> Path:
    """A data set in the folder layout: eight scenes of two exposures, 64 x 80 pixels, dark to bright."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for scene in range(8):
        coarse = random.random((8, 10, 3))
        radiance = np.kron(coarse, np.ones((8, 8, 1))) * np.geomspace(0.05, 4, 80)[None, :, None]
        radiance *= random.uniform(0.8, 1.2, radiance.shape)
        folder = tmp_path / "brackets" / f"scene_{scene}"
        folder.mkdir(parents=True)
        for name, exposure in (("1.png", 0.4), ("2.png", 3.0)):
            image = np.clip(radiance * exposure, 0, 1) ** (1 / 2.2)
            Image.fromarray((255 * image).round().astype(np.uint8)).save(folder / name)
    return tmp_path / "brackets"


@pytest.fixture
def config(brackets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Composes the configuration of a run of about a second on the brackets, plus overrides."""
    from hydra import compose, initialize_config_dir

    from hdr_lightning.config import CONF, schema

    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "wandb_data"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "wandb_cache"))
    quick = [
        *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}"),
        *("data.val_fraction=0.25", "data.test_fraction=0.25", "data.patch_size=48", "data.batch_size=4"),
        *("data.patches_per_epoch=8", "trainer=cpu", "trainer.max_epochs=2"),
        *("logger=none", "pictures=1", "trainer.enable_progress_bar=false"),
    ]

    def composed(*overrides: str) -> dict[str, Any]:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            is_vgg = "width" in compose("train", list(overrides)).model
            small = ["model.width=0.07"] if is_vgg else ["model.features=4"]
            return schema.plain(compose("train", [*quick, *small, *overrides]))

    return composed


@pytest.fixture
def train() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command to its end in a folder; a warning is an error unless asked for otherwise."""

    def run(*overrides: str, cwd: Path, warnings: str = "error") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", warnings, TRAIN, *overrides]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)

    return run


@pytest.fixture
def quick(brackets: Path, tmp_path: Path) -> list[str]:
    """Overrides for a run of about a second."""
    return [
        *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}"),
        *("data.patch_size=48", "data.val_fraction=0.25", "data.test_fraction=0.25", "data.batch_size=4"),
        *("data.patches_per_epoch=4", "model.width=0.07", "trainer=cpu", "trainer.max_epochs=1"),
        *("logger=none",),
    ]


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A folder for runs."""
    return tmp_path / "sweep"


@pytest.fixture
def write_run(sweep: Path) -> Callable[..., Path]:
    """Writes a run of two epochs: its curve, its score on the test scenes a and b, its settings."""

    def written(
        name: str,
        gamma: str = "var",
        seed: int = 0,
        curve: tuple[float, ...] = (0.8, 0.9),
        test: dict[str, float] | None = None,
        state: str = "finished",
        **settings: object,
    ) -> Path:
        folder = sweep / name
        folder.mkdir(parents=True)
        record = {"state": state, "reason": None, "parameters": 100, "seconds": 5.0}
        config = {
            "seed": seed,
            "run_dir": str(folder),
            "loss": {"_target_": "x", "gamma": {"cues": gamma.split("_")}},
            "optimizer": {"lr": 0.001},
            "trainer": {"max_epochs": 2},
            "choices": {"loss": "weighted_ssim", "loss.gamma": gamma, "optimizer": "adam"},
            **settings,
        }
        (folder / "run.yaml").write_text(yaml.safe_dump(record))
        (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        rows = [f"{epoch},{60 * (epoch + 1)},{value}" for epoch, value in enumerate(curve)]
        (folder / "history.csv").write_text("\n".join(["epoch,seconds,val/mef_ssim", *rows]) + "\n")
        (folder / "val_scores.csv").write_text("epoch,scene,mef_ssim\n1,v,0.75\n")
        scores = [f"trained,{scene},{score}" for scene, score in (test or {}).items()]
        plain = [f"average,{scene},0.5" for scene in test or {}]
        if test is not None:
            (folder / "scores.csv").write_text("\n".join(["method,scene,mef_ssim", *plain, *scores]) + "\n")
        return folder

    return written


@pytest.fixture
def write_dng() -> Callable[..., None]:
    """Writes what a sensor saw as a DNG, whose camera sees the primaries of sRGB.

    Args of the function: path, linear light (H, W, 3) in [0, 1], neutral (what the camera took for white),
    preview (whether the first page is a reduced picture, as cameras write it), further TIFF tags.
    """
    import numpy as np
    import tifffile

    xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.119192, 0.9503041],
    ]
    matrix = [number for value in np.linalg.inv(xyz).ravel() for number in (round(value * 10000), 10000)]

    def write(path: Path, light: Any, neutral: Any = (1, 1, 1), preview: bool = True, tags: Any = ()) -> None:
        mosaic = light[..., 1].copy()
        mosaic[::2, ::2], mosaic[1::2, 1::2] = light[::2, ::2, 0], light[1::2, 1::2, 2]
        sensor = np.rint(np.clip(mosaic, 0, 1) * 16383).astype(np.uint16)
        white = [number for value in neutral for number in (round(value * 10000), 10000)]
        first = [
            *((50706, "B", 4, b"\1\4\0\0", True), (50708, "s", 0, "Test Camera", True)),
            *((271, "s", 0, "Test", True), (272, "s", 0, "Camera", True)),
            *((50721, "2i", 9, matrix, True), (50778, "H", 1, 21, True), (50728, "2I", 3, white, True)),
            *tags,
        ]
        filters = [
            (33421, "H", 2, (2, 2), True),
            (33422, "B", 4, b"\0\1\1\2", True),
            (50717, "H", 1, 16383, True),
        ]
        plain: Any = {"metadata": None, "software": False}
        with tifffile.TiffWriter(path) as writer:
            if preview:
                small = (255 * np.clip(light[::4, ::4], 0, 1)).astype(np.uint8)
                writer.write(small, photometric="rgb", subfiletype=1, subifds=1, extratags=first, **plain)
            own = filters if preview else first + filters
            writer.write(sensor, photometric=32803, subfiletype=0, extratags=own, **plain)

    return write


class Elements(HTMLParser):
    """The elements of a page, and what its data element holds."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self._inside = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = ("id", "data") in attrs

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.data += data


@pytest.fixture
def elements() -> type[Elements]:
    """Reads an HTML page."""
    return Elements


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str, str, str], None]]:
    """Installs a package of one file: its name, its source, the kind and the entry point of its part."""
    from hdr_lightning import parts

    monkeypatch.syspath_prepend(str(tmp_path))

    def forget() -> None:
        parts._all.cache_clear()
        parts.installed.cache_clear()

    def installed(name: str, source: str, kind: str, entry: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[hdr_lightning.{kind}]\n{entry}\n")
        forget()

    yield installed
    monkeypatch.undo()
    forget()
