"""Keys of a configuration that nothing reads, found before any work, and the nearest that is read."""

from dataclasses import fields, is_dataclass
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf

from hdr_lightning.config.arguments import HYDRAS, locate, refuse_unknown, taken_by
from hdr_lightning.errors import InputError, nearest

NOT_OF_THE_TRAINER = {
    "logger": "logger",
    "callbacks": "callbacks",
    "default_root_dir": "run_dir",
    "enable_checkpointing": "checkpoint_minutes, for checkpoints are what a run leaves",
    "use_distributed_sampler": "nothing, for the data module deals the patches to all processes",
}
"""Arguments of Lightning's trainer that runs set by themselves, and the key to use instead."""
OURS = {"optimizer": ("groups",), "scheduler": ("interval", "frequency", "monitor")}
"""Settings that are read by this package, whatever the target."""


def refuse_unread(cfg: DictConfig) -> None:
    """Make sure that every key is read: a type lists it, or a `_target_` takes it as an argument.

    Only where there are keys that no type lists are targets imported.

    Raises:
        InputError: A key is read by nothing; the message has the nearest one.
    """
    for name, value in cfg.items_ex(resolve=False):
        if name != "hydra" and isinstance(value, DictConfig):
            _check(value, str(name))
    _refuse_others(cfg, "")
    for key, instead in NOT_OF_THE_TRAINER.items():
        if "trainer" in cfg and key in cfg.trainer:
            raise InputError(f"trainer.{key}: Expected the key {instead}. Got it in trainer")


def handed_out(loggers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The loggers by name, with the settings that were given to all of them, such as `logger.project`.

    Args:
        loggers: Of a configuration, plain types; what has no `_target_` is for each of them that takes it.

    Raises:
        InputError: None of them takes a setting.
    """
    parts = {name: dict(part) for name, part in loggers.items() if _is_part(part)}
    for key in loggers.keys() - parts.keys():
        takers = [part for part in parts.values() if key in (taken_by(part["_target_"], "logger") or [key])]
        if not takers:
            known = set().union(*(taken_by(part["_target_"], "logger") or () for part in parts.values()))
            raise InputError(
                f"logger.{key}: Expected a setting of {', '.join(parts) or 'a logger'}. "
                f"Got one that nothing reads{nearest(key, known)}"
            )
        for part in takers:
            part[key] = loggers[key]
    return parts


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and "_target_" in value


def _check(node: DictConfig, place: str) -> None:
    if node._is_none() or node._is_missing():
        return
    if "_target_" in list(node):
        _check_arguments(node, place)
    else:
        _refuse_others(node, f"{place}.")
    for name, value in node.items_ex(resolve=False):
        if isinstance(value, DictConfig):
            _check(value, f"{place}.{name!s}")


def _refuse_others(node: DictConfig, prefix: str) -> None:
    kind = OmegaConf.get_type(node)
    if not is_dataclass(kind):
        return
    listed = _listed(kind)
    for key in map(str, node):
        if key not in listed and key != "hydra":
            raise InputError(
                f"{prefix}{key}: Expected a key of {prefix.rstrip('.') or 'the configuration'}. "
                f"Got one that nothing reads{nearest(key, listed)}"
            )


def _check_arguments(node: DictConfig, place: str) -> None:
    if OmegaConf.is_missing(node, "_target_"):
        raise InputError(f"{place}._target_: Expected the dotted path of a class or function. Got none")
    kind, target = OmegaConf.get_type(node), str(node._target_)
    default = getattr(kind, "_target_", None)
    listed = _listed(kind) if is_dataclass(kind) else set()
    if default not in (None, MISSING, target):
        _refuse_inheritance(place, target, default)
    listed = listed.union(HYDRAS, OURS.get(place, ()))
    further = [key for key in map(str, node) if key not in listed]
    if further or target != default:
        refuse_unknown(target, further, place)


def _refuse_inheritance(place: str, target: str, default: str) -> None:
    """A target of one's own must not be given the settings of another by accident."""
    own, other = locate(target, place), locate(default, place)
    if not (isinstance(own, type) and isinstance(other, type) and issubclass(own, other)):
        raise InputError(
            f"{place}._target_: Expected {place}=[] beside it, in a file override /{place}: [], or a "
            f"subclass of {default}, whose settings it has otherwise. Got {target}"
        )


def _listed(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}
