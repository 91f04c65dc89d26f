"""Configurations of runs that were begun with an older version of this package, and with other settings."""

from collections.abc import Callable
from typing import Any

import pytest

from hdr_lightning.training.decisive import Difference, differences

Config = Callable[..., dict[str, Any]]


def without(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A copy that lacks some dotted keys."""
    return {
        name: without(value, *(key.partition(".")[2] for key in keys if key.startswith(f"{name}.")))
        if isinstance(value, dict)
        else value
        for name, value in config.items()
        if name not in keys
    }


LATER = (
    *("scheduler.interval", "scheduler.frequency", "scheduler.monitor", "optimizer.groups"),
    *("optimizer.betas", "data.most_exposures", "data.tone_jitter", "blending.in_range", "loss.gamma.floor"),
    "start_from",
)


def test_setting_that_the_older_version_lacked_does_not_differ_at_its_default(config: Config) -> None:
    now = config("scheduler=cosine", "blending=multiband", "model=vgg")
    before = without(now, *LATER)
    assert before["scheduler"].keys() == {"_target_", "_partial_", "T_max", "eta_min"}
    assert differences(before, now) == differences(now, before) == []


@pytest.mark.parametrize(
    ("key", "was", "override"),
    [
        ("scheduler.interval", "epoch", "scheduler.interval=step"),
        ("data.tone_jitter", 0.0, "data.tone_jitter=0.5"),
        ("optimizer.betas", [0.9, 0.999], "optimizer.betas=[0.8,0.999]"),
        ("optimizer.lr", 1e-3, "optimizer.lr=0.5"),
        ("model.poolings", 3, "model.poolings=4"),
        ("start_from", None, "start_from=bandnet"),
    ],
)
def test_setting_that_the_older_version_lacked_differs_elsewhere(
    config: Config, key: str, was: Any, override: str
) -> None:
    now = config("scheduler=cosine", "model=vgg", override)
    (found,) = differences(without(now, key), now)
    assert found[:2] == (key, was)


def test_what_has_no_default_differs(config: Config) -> None:
    now = config("scheduler=cosine")
    assert differences(without(now, "scheduler.T_max"), now) == [Difference("scheduler.T_max", "nothing", 2)]
    keys = {found.key for found in differences(now | {"scheduler": {}}, now)}
    assert keys >= {"scheduler", "scheduler._target_", "scheduler.T_max"}


def test_what_the_machine_and_the_trainer_decide_does_not_count(config: Config) -> None:
    assert differences(config(), config("data.num_workers=3", "trainer.max_epochs=9", "pictures=0")) == []
