"""What installed packages add to the choices of the configuration, by entry points: nothing is imported."""

from collections.abc import Iterator
from typing import Any

from hdr_lightning.config import CONF
from hdr_lightning.errors import InputError
from hdr_lightning.parts import installed

TARGETS = {
    "networks": "model",
    "blendings": "blending",
    "losses": "loss",
    "gammas": "loss.gamma",
    "optimizers": "optimizer",
    "schedulers": "scheduler",
}
"""Groups of the configuration by the kind of part that they choose."""
PARTIAL = ("optimizers", "schedulers")
"""Kinds that get their last argument later."""
Choice = tuple[str, str, dict[str, Any]]
"""Group, name and content, as if it were a file of `conf/`."""


def installed_choices() -> Iterator[Choice]:
    """Every choice that installed packages add.

    Raises:
        InputError: One has the name of a file of ours.
    """
    for group, name, node in _choices():
        if (CONF / group / f"{name}.yaml").is_file():
            raise InputError(f"{group}: Expected other names in installed packages than ours. Got {name}")
        yield group, name, node


def _choices() -> Iterator[Choice]:
    for kind, group in TARGETS.items():
        for name, entry in installed(kind).items():
            partial = {"_partial_": True} if kind in PARTIAL else {}
            yield group, name, {"_target_": entry.value.replace(":", "."), **partial}
    for name in installed("cues"):
        yield "loss.gamma", name, {"_target_": "hdr_lightning.gammas.CueGamma", "cues": [name]}
    for name in installed("layouts"):
        yield "data", name, {"layout": name}


def names_of(kind: str) -> str:
    """The names that installed packages bring, as the end of a list in a help text."""
    return "".join(f", {name}" for name in installed(kind))
