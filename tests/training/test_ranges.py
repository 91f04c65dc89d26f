from collections.abc import Callable
from typing import Any

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.training.ranges import LEAST, check_ranges

Config = Callable[..., dict[str, Any]]


def test_numbers_of_every_setting_are_looked_at(config: Config) -> None:
    good = config("scheduler=cosine")
    check_ranges(good)
    for key, least in LEAST.items():
        *place, name = key.split(".")
        part = good
        for each in place:
            part = part[each]
        before, part[name] = part.get(name), least
        check_ranges(good)
        part[name] = least - 1
        message = f"{key}: Expected a number of at least {least}. Got {least - 1}"
        with pytest.raises(InputError, match=message):
            check_ranges(good)
        part[name] = before


def test_seed_is_one_that_numpy_takes(config: Config) -> None:
    check_ranges(config(f"seed={2**32 - 1}"))
    with pytest.raises(InputError, match=f"seed: Expected a number of at most 4294967295. Got {2**32}"):
        check_ranges(config(f"seed={2**32}"))


def test_cosine_over_no_epochs_is_that_of_a_run_that_does_not_train(config: Config) -> None:
    check_ranges(config("scheduler=cosine", "trainer.max_epochs=0"))
    with pytest.raises(InputError, match=r"scheduler\.T_max"):
        check_ranges(config("scheduler=cosine", "scheduler.T_max=0"))
