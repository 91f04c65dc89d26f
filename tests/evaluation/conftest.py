import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from hdr_lightning.commands.evaluate import CONF
from hdr_lightning.config import schema
from hdr_lightning.evaluation import contestants


@pytest.fixture
def settings(brackets: Path, tmp_path: Path) -> Callable[..., dict]:
    """The configuration of an evaluation of the brackets, plus overrides."""

    def composed(*overrides: str) -> dict:
        quick = [
            *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}", "device=cpu"),
            *("methods=[average,variance]", f"output={tmp_path / 'out'}", *overrides),
        ]
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return schema.plain(compose("evaluate", quick))

    return composed


@pytest.fixture
def rows() -> Callable[[Path], list[dict[str, str]]]:
    """Reads the scores that an evaluation left in its folder."""

    def read(folder: Path) -> list[dict[str, str]]:
        with (folder / "scores.csv").open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    return read


@pytest.fixture
def fused(monkeypatch) -> list[str]:
    """The methods and scenes that are really fused."""
    made: list[str] = []

    class Counting(contestants.Fuses):
        def __init__(self, text, device):
            super().__init__(text, device)
            self.text = text

        def image(self, scene, exposures):
            made.append(f"{self.text}/{scene}")
            return super().image(scene, exposures)

    monkeypatch.setattr(contestants, "Fuses", Counting)
    return made
