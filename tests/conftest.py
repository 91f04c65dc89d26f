"""Fixtures and limits shared by every test."""

import os

# Several processes share the cores during the suite; one thread each is several times faster here.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

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

    from hdr_lightning.commands import schema
    from hdr_lightning.commands.train import CONF

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
