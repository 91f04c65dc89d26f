"""Optimizer, parameter groups and learning rate schedule from their settings, tried out before any work."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import lightning as L
from lightning.pytorch.callbacks import LearningRateFinder
from lightning.pytorch.utilities.types import LRSchedulerConfigType
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from hdr_lightning.config.arguments import refuse_unknown
from hdr_lightning.config.building import build
from hdr_lightning.errors import InputError, nearest

MakeOptimizer = Callable[[nn.Module], Optimizer]
"""Makes the optimizer of the parameters of a network."""
LATER = {"_partial_": True}
"""The first argument, parameters or optimizer, comes later."""
TIMING = ("interval", "frequency", "monitor")
"""Settings of a schedule that are Lightning's and not its target's."""


class Schedule(NamedTuple):
    """A learning rate schedule, and when it takes a step."""

    make: Callable[[Optimizer], LRScheduler]
    interval: str = "epoch"  # or "step", of the optimizer
    frequency: int = 1  # every so many epochs
    monitor: str | None = None  # what a schedule that reacts looks at, such as val/mef_ssim

    def of(self, optimizer: Optimizer) -> LRSchedulerConfigType:
        """The schedule of an optimizer as Lightning takes it."""
        return {
            "scheduler": self.make(optimizer),
            "interval": self.interval,
            "frequency": self.frequency,
            "monitor": self.monitor,
        }


def build_optimizer(settings: Mapping[str, Any]) -> MakeOptimizer:
    """What makes the optimizer that settings describe.

    Args:
        settings: `{"_target_": class, "_partial_": True, argument: value, ...}`, and in `groups`
            `{pattern: {argument: value, ...}, ...}`: the settings of the parameters of which the name fits
            a pattern, such as `encoder.*`. A parameter belongs to the first group that it fits.

    Raises:
        InputError: A setting of a group is none of the optimizer.
    """
    arguments = {key: value for key, value in settings.items() if key != "groups"} | LATER
    groups = settings.get("groups") or {}
    for pattern, own in groups.items():
        refuse_unknown(settings["_target_"], own, f"optimizer.groups.{pattern}")
    make = build(arguments, "optimizer")
    return lambda network: make(parameter_groups(network, groups) if groups else network.parameters())


def parameter_groups(network: nn.Module, groups: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of a network in groups with settings of their own; those of no group come first.

    Args:
        network: Or a fusion of it: names are those in the network.
        groups: Settings by patterns of names.

    Raises:
        InputError: A pattern fits no parameter that another before it does not fit.
    """
    names = {name.removeprefix("fuser."): parameter for name, parameter in network.named_parameters()}
    found: dict[str, list[nn.Parameter]] = {"others": [], **{pattern: [] for pattern in groups}}
    for name, parameter in names.items():
        found[next((pattern for pattern in groups if fnmatchcase(name, pattern)), "others")].append(parameter)
    for pattern in groups:
        if not found[pattern]:
            raise InputError(
                f"optimizer.groups: Expected patterns of names of parameters, such as {next(iter(names))}. "
                f"Got {pattern}, which fits none that is left{nearest(pattern, names)}"
            )
    return [
        {"params": parameters, "name": pattern, **groups.get(pattern, {})}
        for pattern, parameters in found.items()
        if parameters
    ]


def build_schedule(settings: Mapping[str, Any] | None) -> Schedule | None:
    """The schedule that settings describe; None for none.

    Args:
        settings: `{"_target_": class, "_partial_": True, argument: value, ...}` and those of `TIMING`.

    Raises:
        InputError: The target does not take its arguments, or `interval=step` does not go with the others.
    """
    if not settings:
        return None
    if settings.get("interval") == "step":
        for key, only in (("frequency", 1), ("monitor", None)):
            if settings.get(key, only) != only:
                raise InputError(
                    f"scheduler.{key}: Expected {only or 'none'} with scheduler.interval=step: every step "
                    f"counts. Got {settings[key]}"
                )
    arguments = {key: value for key, value in settings.items() if key not in TIMING} | LATER
    timing = {key: settings[key] for key in TIMING if key in settings}
    return Schedule(build(arguments, "scheduler"), **timing)


def try_out(network: nn.Module, optimizer: MakeOptimizer, schedule: Schedule | None) -> None:
    """Make both once, so that a wrong setting is not met after the data has been prepared.

    Raises:
        InputError: One of them refuses its settings.
    """
    key = "optimizer"
    try:
        trial = optimizer(network)
        key = "scheduler"
        if schedule:
            schedule.make(trial)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{key}: Expected settings that it accepts. Got: {error}") from error


class LRFinder(LearningRateFinder):
    """Lightning's search for a learning rate, where a run begins.

    A run that is continued has one; and the search, which restores what it has changed, would have it begin
    again with the first epoch and a new optimizer.
    """

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Look for it, and set it.

        Raises:
            InputError: Groups of parameters have rates of their own, which it would replace.
        """
        if trainer.ckpt_path is not None:
            return
        made: Any = pl_module.configure_optimizers()
        if len(rates := {group["lr"] for group in made["optimizer"].param_groups}) > 1:
            raise InputError(
                "callbacks.lr_finder: Expected one rate for all parameters. Got optimizer.groups with "
                f"{', '.join(map(str, sorted(rates)))}"
            )
        super().on_fit_start(trainer, pl_module)
