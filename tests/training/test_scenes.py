"""Scenes of a run that goes on with other photographs than it began with."""

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]


def test_scene_that_was_trained_on_is_not_measured_later(
    config: Config, brackets: Path, tmp_path: Path
) -> None:
    """With more scenes, the fractions share them out in another way."""
    run(config("trainer.max_epochs=1"), tmp_path / "run")
    with (tmp_path / "run" / "scenes.csv").open() as stream:
        before = {row["scene"]: row["split"] for row in csv.DictReader(stream)}
    assert Counter(before.values()) == {"train": 4, "val": 2, "test": 2}
    for number in range(3):
        shutil.copytree(brackets / f"scene_{number}", brackets / f"b_{number}")
    again = config("trainer.max_epochs=2", "resume=true")
    with pytest.raises(
        InputError, match=r"Expected scene_\d among the scenes to train on.*scenes\.csv"
    ) as error:
        run(again, tmp_path / "run")
    assert before[str(error.value).split()[2]] == "train"
    for number in range(3):
        shutil.rmtree(brackets / f"b_{number}")
    run(again, tmp_path / "run")
