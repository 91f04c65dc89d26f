"""Types of every configuration key, so that a wrong value is refused before anything heavy is imported.

The values live in `conf/`; each YAML file of a group names the type that it fills in its defaults list.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self

from hydra.core.config_store import ConfigStore
from omegaconf import II, MISSING, DictConfig, OmegaConf

from hdr_lightning.config.checks import handed_out, refuse_unread
from hdr_lightning.config.choices import GROUP_CHOICES, of_ones_own
from hdr_lightning.config.installed import installed_choices, names_of
from hdr_lightning.config.resolvers import given, job_name, sweep_name, writable
from hdr_lightning.config.words import OPEN_GROUPS

OPEN_KEYS = ("model", "blending", "loss", "optimizer", "scheduler", "trainer", "logger", "callbacks")
OPEN = {"struct": False}
"""Flags of what may have further keys."""

Exposures = Enum("Exposures", ["pair", "wide_pairs", "all_pairs", "stack"])
Patches = Enum("Patches", ["grid", "random"])
SmallScenes = Enum("SmallScenes", ["pad", "refuse"])


@dataclass
class Source:
    """A data set on disk: its layout, where it lies, and which exposures of a scene are used."""

    layout: str = MISSING
    root: str | None = None
    exposures: Exposures = field(default=II("data.exposures"))


@dataclass
class Data:
    """Arguments of `SceneDataModule`; `layout`, `root` and `exposures` describe the one source of the
    common case."""

    layout: str = MISSING
    root: str | None = None
    exposures: Exposures = MISSING
    sources: list[Source] = MISSING
    val_sources: list[Source] | None = None
    test_sources: list[Source] | None = None
    split_file: str | None = None
    val_fraction: float = MISSING
    test_fraction: float = MISSING
    patch_size: int = MISSING
    patches: Patches = MISSING
    stride: int | None = None
    patches_per_epoch: int | None = None
    augment: bool = MISSING
    tone_jitter: float = MISSING
    scale_jitter: float = MISSING
    whole_scenes: float = MISSING
    most_exposures: int | None = None
    small_scenes: SmallScenes = MISSING
    batch_size: int = MISSING
    num_workers: int = MISSING
    cache_dir: str | None = None
    cache_gb: float = MISSING


@dataclass
class Compute:
    """Arguments of `training.compute.configure`."""

    channels_last: bool = MISSING
    compile: bool = MISSING
    gradient_checkpointing: bool = MISSING


@dataclass
class Trainer:
    """Arguments of `lightning.Trainer`, under its own names: those with a value in `conf/trainer`."""

    _target_: str = "lightning.Trainer"
    accelerator: str = MISSING
    devices: Any = MISSING
    num_nodes: int = MISSING
    strategy: Any = MISSING
    sync_batchnorm: bool = MISSING
    precision: str = MISSING
    max_epochs: int = MISSING
    max_steps: int = MISSING
    max_time: Any = None
    accumulate_grad_batches: int = MISSING
    gradient_clip_val: float | None = None
    check_val_every_n_epoch: int = MISSING
    num_sanity_val_steps: int = MISSING
    limit_train_batches: Any = MISSING
    limit_val_batches: Any = MISSING
    limit_test_batches: Any = MISSING
    log_every_n_steps: int = MISSING
    deterministic: Any = MISSING
    benchmark: bool | None = None
    detect_anomaly: bool = MISSING
    profiler: Any = None
    fast_dev_run: Any = MISSING
    enable_progress_bar: bool = MISSING


@dataclass
class Train:
    """The whole configuration of a training run."""

    data: Data = field(default_factory=Data)
    model: Any = field(default_factory=of_ones_own)
    blending: Any = field(default_factory=of_ones_own)
    loss: Any = field(default_factory=of_ones_own)
    optimizer: Any = field(default_factory=of_ones_own)
    scheduler: Any = field(default_factory=dict)
    trainer: Trainer = field(default_factory=Trainer)
    compute: Compute = field(default_factory=Compute)
    logger: Any = field(default_factory=dict)
    callbacks: Any = field(default_factory=dict)
    start_from: str | None = None
    seed: int = MISSING
    run_dir: str | None = None
    resume: bool = MISSING
    checkpoint_minutes: float | None = None
    pictures: int = MISSING


class _Uncopied(dict[str, Any]):
    """The types by name. Hydra copies them all for every line of its help, though nobody changes a copy.

    Without the copies `train.py --help` takes 0.5 seconds instead of 1.4.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _register() -> None:
    """Make the types known to Hydra: the whole as `schema`, those of choices in the group `schema`."""
    store = ConfigStore.instance()
    store.store(name="schema", node=Train)
    for choice in GROUP_CHOICES:
        store.store(group="schema", name=choice.__name__, node=choice)
    whole = store.repo["schema.yaml"].node
    choices = [entry.node for entry in store.repo["schema"].values()]
    for part in (*(whole[key] for key in OPEN_KEYS), *choices):
        OmegaConf.set_struct(part, False)  # it may have further keys, see `checks.refuse_unread`
    for group, name, node in installed_choices():
        store.store(group=group, name=name, node=OmegaConf.create(node, flags=OPEN))
    store.repo = _Uncopied(store.repo)
    for resolver in (given, job_name, names_of, writable):
        OmegaConf.register_new_resolver(resolver.__name__, resolver, replace=True)
    # Cached, because the jobs of a sweep have other words than the sweep, and Hydra hands them its cache.
    OmegaConf.register_new_resolver("sweep_name", sweep_name, replace=True, use_cache=True)


def plain(cfg: DictConfig) -> dict[str, Any]:
    """The resolved configuration as plain types, which loggers and checkpoints can keep.

    Raises:
        InputError: It has a key that nothing reads.
    """
    refuse_unread(cfg)
    container: dict[str, Any] = OmegaConf.to_container(
        cfg, resolve=True, enum_to_str=True, throw_on_missing=True
    )  # type: ignore[assignment]
    if "logger" in container:
        container["logger"] = handed_out(container["logger"])
    return container


def choices(hydra: Any, config: dict[str, Any]) -> dict[str, str]:
    """What was chosen in each of our groups, by the key that it fills: a target of one's own by its path."""
    skipped = ("hydra/", "schema@")  # Hydra's own, and the types
    chosen = {group: choice for group, choice in hydra.runtime.choices.items() if choice}
    mine = (group for group in chosen if not group.startswith(skipped))
    named = {group.rpartition("@")[2]: _joined(chosen[group]) for group in mine}
    made = OmegaConf.create(config)
    targets = {group: OmegaConf.select(made, f"{group}._target_") for group in OPEN_GROUPS}
    return named | {group: path for group, path in targets.items() if path and group not in named}


def _joined(choice: Any) -> str:
    """One choice, or several of one group: loggers, callbacks."""
    return choice if isinstance(choice, str) else "+".join(choice)


_register()
