"""The command `hdr-evaluate` (`python evaluate.py` in a checkout); heavy imports wait for work."""

import sys
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig

from hdr_lightning.config import CONF, schema
from hdr_lightning.config.one_line_errors import hydra_command
from hdr_lightning.errors import InputError

Split = Enum("Split", ["all", "train", "val", "test"])
Form = Enum("Form", ["markdown", "csv", "latex"])
Device = Enum("Device", ["auto", "cpu", "cuda"])


@dataclass
class Scenes:
    """The scenes to evaluate on."""

    layout: str = MISSING
    root: str | None = None
    exposures: schema.Exposures = MISSING
    sources: list[schema.Source] = MISSING
    split: Split = MISSING
    split_file: str | None = None
    val_fraction: float = MISSING
    test_fraction: float = MISSING
    cache_dir: str | None = None
    cache_gb: float = MISSING


@dataclass
class Evaluate:
    """The whole configuration of an evaluation."""

    data: Scenes = field(default_factory=Scenes)
    methods: list[Any] = MISSING  # names, or {name: label, method: name}
    output: str = MISSING
    published: str | None = None
    tables: list[Form] = MISSING
    device: Device = MISSING


ConfigStore.instance().store(name="evaluate_schema", node=Evaluate)


@hydra_command
@hydra.main(version_base="1.3", config_path=str(CONF), config_name="evaluate")
def main(cfg: DictConfig) -> None:
    """Score every method on every scene and write `scores.csv` and `report.html`."""
    from hdr_lightning.evaluation.scoring import evaluate

    try:
        failures = evaluate(schema.plain(cfg))
    except InputError as error:
        sys.exit(f"error: {error}")
    if failures:
        sys.exit("\n  ".join(["error: Expected a result for every scene. Got none for:", *failures]))


if __name__ == "__main__":
    main()
