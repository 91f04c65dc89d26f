"""What varies between runs: runs that agree in all of it but the seed are one setting."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hdr_lightning.runs.reading import STATES, Run, Setting
from hdr_lightning.scenes.scene import natural_key

SEED = "seed"
ASIDE = (
    "run_dir",
    "resume",
    "pictures",
    "checkpoint_minutes",
    "logger",
    "data.cache_dir",
    "data.cache_gb",
    "data.num_workers",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.num_nodes",
    "trainer.strategy",
    "trainer.enable_progress_bar",
    "trainer.log_every_n_steps",
    "trainer.profiler",
)
"""Keys, or the beginnings of keys, that do not change what is trained."""
GROUPS_ASIDE = frozenset({"experiment", "debug", "trainer", "logger"})
"""Groups whose choice says less than the keys that it sets."""
FOLLOWS = {
    "data.sources": ("data.root", "data.exposures", "data.layout"),
    "data.val_sources": ("data.root",),
    "data.test_sources": ("data.root",),
    "data.split_file": ("data.root",),
    "scheduler.T_max": ("trainer.max_epochs",),
}
"""Keys that the configuration computes from others."""
LONGEST_LABEL = 60
"""Characters; beyond it the name of the run says more."""


class SettingOf(NamedTuple):
    """Runs that differ in nothing but the seed."""

    label: str
    values: dict[str, Setting]  # of the keys that vary
    runs: list[int]  # their positions


def once_each(runs: Sequence[Run]) -> tuple[list[Run], list[str]]:
    """The runs without those that repeat another one: the same settings and seed are one result.

    Of such runs the one that got furthest stays, the latest of those that got as far.

    Returns:
        The runs that stay, in their order, and a line for each that does not.
    """
    best: dict[tuple[Any, ...], Run] = {}
    identities = [_identity(run, settings) for run, settings in zip(runs, settings_of(runs), strict=True)]
    for run, identity in zip(runs, identities, strict=True):
        best[identity] = max(best.get(identity, run), run, key=_reached)
    repeated = [(run, best[identity]) for run, identity in zip(runs, identities, strict=True)]
    return [run for run, other in repeated if run is other], [
        f"{run.name} has the settings and the seed of {other.name}, which counts instead"
        for run, other in repeated
        if run is not other
    ]


def varying(runs: Sequence[Run]) -> list[str]:
    """The keys in which the runs differ, chosen groups first; the seed is not one of them."""
    every = settings_of(runs)
    chosen = {key for settings in every for key in settings}
    groups = dict.fromkeys(group for run in runs for group in run.choices if group in chosen)
    keys = [*groups, *dict.fromkeys(key for settings in every for key in settings if key not in groups)]
    different: list[str] = []
    for key in keys:
        above = [group for group in groups if key.startswith(f"{group}.")]
        if _differs(key, [group for group in above if group in different], every):
            different.append(key)
    return [key for key in different if not set(FOLLOWS.get(key, ())) & set(different)]


def settings_of(runs: Sequence[Run]) -> list[dict[str, Setting]]:
    """What can make a difference in each run, with the names of choices where every run tells them."""
    chosen = all(run.choices for run in runs)
    result = []
    for run in runs:
        decisive = {key: value for key, value in run.settings.items() if not _aside(key) and key != SEED}
        if chosen:
            decisive |= {group: name for group, name in run.choices.items() if group not in GROUPS_ASIDE}
        result.append(decisive)
    return result


def group_runs(runs: Sequence[Run], keys: Sequence[str]) -> list[SettingOf]:
    """Runs by setting, in the order of the values that vary: numbers by size, names in natural order."""
    members: dict[tuple[tuple[str, Setting], ...], tuple[list[Setting], list[int]]] = {}
    for index, settings in enumerate(settings_of(runs)):
        own = [settings.get(key) for key in keys]
        members.setdefault(tuple(map(_told_apart, own)), (own, []))[1].append(index)
    groups: list[SettingOf] = []
    for values, indices in sorted(
        members.values(), key=lambda member: [_order(value) for value in member[0]]
    ):
        name = runs[indices[0]].name
        label = _label(keys, values) if keys else name if len(runs) == 1 else "all runs"
        if len(label) > LONGEST_LABEL or any(label == other.label for other in groups):
            label = name if len(indices) == 1 else f"{name} and like it"
        groups.append(SettingOf(label, dict(zip(keys, values, strict=True)), indices))
    return groups


def _identity(run: Run, settings: dict[str, Setting]) -> tuple[Any, ...]:
    """Alike for runs that do the same; a run that has not told its seed yet is alone."""
    if SEED not in run.settings:
        return (run.folder,)
    return run.settings[SEED], *sorted((key, *_told_apart(value)) for key, value in settings.items())


def _told_apart(value: Setting) -> tuple[str, Setting]:
    """Alike for one setting only: 1, 1.0 and True are equal in Python, and may be one batch and all."""
    return type(value).__name__, value


def _reached(run: Run) -> tuple[int, int, float]:
    return -STATES.index(run.state), len(run.history), run.seen


def _aside(key: str) -> bool:
    return any(key == word or key.startswith(f"{word}.") for word in ASIDE)


def _differs(key: str, groups: Sequence[str], every: Sequence[dict[str, Setting]]) -> bool:
    """Whether a key differs between runs that made the same choice of the groups that contain it."""
    values: dict[tuple[Setting, ...], set[tuple[str, Setting]]] = {}
    for settings in every:
        value = settings.get(key)
        same_choice = tuple(settings.get(group) for group in groups)
        values.setdefault(same_choice, set()).add(_told_apart(value))
    return any(len(different) > 1 for different in values.values())


def _order(value: Setting) -> tuple[bool, float, list[tuple[int, int | str]]]:
    if isinstance(value, int | float):
        return False, value, []
    return True, 0.0, natural_key(value or "")


def _label(keys: Sequence[str], values: Sequence[Setting]) -> str:
    if len(keys) == 1:
        return "none" if values[0] is None else str(values[0])
    short = [key.rpartition(".")[2] for key in keys]
    names = short if len(set(short)) == len(short) else keys
    return ", ".join(
        f"{name}={value}" for name, value in zip(names, values, strict=True) if value is not None
    )
