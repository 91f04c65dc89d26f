"""The settings that a run keeps from start to end, and in which of them two configurations differ."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hdr_lightning.config.arguments import locate
from hdr_lightning.training.optimization import Schedule

DECISIVE = ("data", "model", "blending", "loss", "optimizer", "scheduler", "start_from", "seed")
"""The trainer's, the logger's and the pictures' may change."""
OF_THE_MACHINE = ("data.num_workers", "data.cache_dir", "data.cache_gb")
"""Settings of the data that do not change what is trained."""
DATA = "hdr_lightning.data.datamodule.SceneDataModule"
"""What reads the settings of the data."""
OURS: dict[str, dict[str, Any]] = {
    "": {"start_from": None},
    "optimizer": {"groups": None},
    "scheduler": Schedule._field_defaults,
}
"""Defaults of settings that are read by this package, whatever the target."""
NOTHING = "nothing"


class Difference(NamedTuple):
    """A setting that is not the same in two configurations."""

    key: str
    before: Any
    now: Any


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    """In what two configurations train differently.

    A key that one of them lacks has the default of what reads it: so a run that was begun before there was
    such a setting goes on as long as the setting changes nothing.

    Args:
        before: A configuration of `conf/train.yaml`, plain types.
        now: Another one.
    """
    old, new = dict(_flat(before)), dict(_flat(now))
    keys = [key for key in {**old, **new} if key.split(".")[0] in DECISIVE and key not in OF_THE_MACHINE]
    pairs = (Difference(key, _value(key, old, before), _value(key, new, now)) for key in keys)
    return [pair for pair in pairs if pair.before != pair.now]


def _value(key: str, values: dict[str, Any], settings: dict[str, Any]) -> Any:
    if key in values:
        return values[key]
    place, _, name = key.rpartition(".")
    default = _defaults(place, settings).get(name, NOTHING)
    return list(default) if isinstance(default, tuple) else default


def _defaults(place: str, settings: dict[str, Any]) -> Mapping[str, Any]:
    """The settings that may be left out at a place, with what they are then."""
    part: Any = settings
    for name in place.split("."):
        part = part.get(name) if isinstance(part, dict) else None
    if not isinstance(part, dict):
        return OURS.get(place, {})
    target = part.get("_target_", DATA if place == "data" else None)
    if target is None:
        return {}
    parameters = inspect.signature(locate(target, place)).parameters.values()
    defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
    return defaults | OURS.get(place, {})


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value
