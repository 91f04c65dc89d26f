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
        before, part[name] = part[name], least
        check_ranges(good)
        part[name] = least - 1
        message = f"{key}: Expected a number of at least {least}. Got {least - 1}"
        with pytest.raises(InputError, match=message):
            check_ranges(good)
        part[name] = before
