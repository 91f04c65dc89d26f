"""What a `_target_` takes: settings that no type lists are checked against its signature, by their names."""

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from hydra.utils import get_object

from hdr_lightning.errors import InputError, nearest, one_line

HYDRAS = frozenset({"_target_", "_partial_", "_convert_", "_recursive_", "_args_"})
"""Keys that are for `hydra.utils.instantiate`."""
PASSED_ON = {
    "hdr_lightning.training.loggers.wandb_logger": ("lightning.pytorch.loggers.WandbLogger",),
    "hdr_lightning.training.loggers.csv_logger": ("lightning.pytorch.loggers.CSVLogger",),
    "hdr_lightning.training.loggers.mlflow_logger": ("lightning.pytorch.loggers.MLFlowLogger",),
    "lightning.pytorch.loggers.WandbLogger": ("wandb.init",),
}
"""Where targets that take any argument pass them on to, for those whose bases do not tell."""


def refuse_unknown(target: str, names: Iterable[str], place: str) -> None:
    """Make sure that a target takes arguments of these names. It is imported, so this may take seconds.

    Args:
        target: Its dotted path.
        names: Of the arguments.
        place: What to call the settings in errors.

    Raises:
        InputError: It cannot be imported, or does not take one of them; the message has the nearest name.
    """
    known = taken_by(target, place)
    if known is None:
        return
    for name in names:
        if name not in known and name not in HYDRAS:
            raise InputError(
                f"{place}.{name}: Expected an argument of {target}. Got one that it does not take"
                f"{nearest(name, known)}"
            )


@cache
def taken_by(target: str, place: str = "_target_") -> frozenset[str] | None:
    """The names of the arguments that a target takes, its bases' included; None where it takes any."""
    located = locate(target, place)
    names: set[str] = set()
    for function in _functions(located):
        parameters = _parameters(function)
        kinds = {parameter.kind for parameter in parameters.values()}
        names |= {name for name, parameter in parameters.items() if parameter.kind not in _VARIADIC}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            return frozenset(names)
    further = [taken_by(other, place) for other in PASSED_ON.get(target, ())]
    if not further or None in further:
        return None
    return frozenset(names.union(*(more for more in further if more)))


def locate(path: str, place: str) -> Any:
    """What a dotted path names.

    Raises:
        InputError: There is no such thing, or importing it fails.
    """
    logging.getLogger("hydra.utils").setLevel(logging.CRITICAL)  # it says every error too, in several lines
    try:
        return get_object(path)
    except Exception as error:  # a module of one's own may raise anything
        message = f"{place}: Expected the dotted path of something that can be imported. Got {path}"
        raise InputError(f"{message}: {one_line(error.__cause__ or error)}") from error


_VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def _functions(target: Any) -> Iterable[Callable[..., Any]]:
    """What is called with the arguments: a function, or the initialisers of a class and of its bases."""
    if not inspect.isclass(target):
        return [target]
    return [kind.__dict__["__init__"] for kind in target.__mro__[:-1] if "__init__" in kind.__dict__]


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # written in C
        return {"any": inspect.Parameter("any", inspect.Parameter.VAR_KEYWORD)}
    return {name: parameter for name, parameter in parameters.items() if name != "self"}
