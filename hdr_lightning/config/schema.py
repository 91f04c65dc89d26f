"""Types of every configuration key, so that a wrong value is refused before anything heavy is imported.

The values live in ``conf/``; each YAML file of a group names the type that it fills in its defaults list.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any, Self

from hydra.core.config_store import ConfigStore
from omegaconf import II, MISSING, DictConfig, OmegaConf

from hdr_lightning.config.choices import GROUP_CHOICES
from hdr_lightning.config.resolvers import given, job_name, sweep_name, writable
from hdr_lightning.errors import InputError

Layout = Enum("Layout", ["demo", "folder", "pairs", "sice", "mefb"])
Exposures = Enum("Exposures", ["pair", "wide_pairs", "all_pairs", "stack"])
Patches = Enum("Patches", ["grid", "random"])
SmallScenes = Enum("SmallScenes", ["pad", "refuse"])


@dataclass
class Source:
    """A data set on disk: its layout, where it lies, and which exposures of a scene are used."""

    layout: Layout = MISSING
    root: str | None = None
    exposures: Exposures = field(default=II("data.exposures"))


@dataclass
class Data:
    """Arguments of ``SceneDataModule``; ``layout``, ``root`` and ``exposures`` describe the one source of the
    common case."""

    layout: Layout = MISSING
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
    small_scenes: SmallScenes = MISSING
    batch_size: int = MISSING
    num_workers: int = MISSING
    cache_dir: str | None = None
    cache_gb: float = MISSING


@dataclass
class Compute:
    """Arguments of ``training.compute.configure``."""

    channels_last: bool = MISSING
    compile: bool = MISSING
    gradient_checkpointing: bool = MISSING


@dataclass
class Trainer:
    """Arguments of ``lightning.Trainer``, under its own names."""

    accelerator: str = MISSING
    devices: Any = MISSING
    num_nodes: int = MISSING
    strategy: str = MISSING
    sync_batchnorm: bool = MISSING
    precision: str = MISSING
    max_epochs: int = MISSING
    max_steps: int = MISSING
    max_time: str | None = None
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
    profiler: str | None = None
    fast_dev_run: Any = MISSING
    enable_progress_bar: bool = MISSING


@dataclass
class Train:
    """The whole configuration of a training run."""

    data: Data = field(default_factory=Data)
    model: Any = MISSING
    blending: Any = MISSING
    loss: Any = MISSING
    optimizer: Any = MISSING
    scheduler: Any = None
    trainer: Trainer = field(default_factory=Trainer)
    compute: Compute = field(default_factory=Compute)
    logger: Any = None
    start_from: str | None = None
    seed: int = MISSING
    run_dir: str | None = None
    resume: bool = MISSING
    checkpoint_minutes: float | None = None
    pictures: int = MISSING


class _Shared(dict[str, Any]):
    """The types by name. Hydra copies them all for every line of its help, though nobody changes a copy."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _register() -> None:
    """Make the types known to Hydra: the whole as ``schema``, those of choices in the group ``schema``."""
    store = ConfigStore.instance()
    store.store(name="schema", node=Train)
    for choice in GROUP_CHOICES:
        store.store(group="schema", name=choice.__name__, node=choice)
    store.repo = _Shared(store.repo)
    for resolver in (given, job_name, writable):
        OmegaConf.register_new_resolver(resolver.__name__, resolver, replace=True)
    # Cached, because the jobs of a sweep have other words than the sweep, and Hydra hands them its cache.
    OmegaConf.register_new_resolver("sweep_name", sweep_name, replace=True, use_cache=True)


def plain(cfg: DictConfig) -> dict[str, Any]:
    """The resolved configuration as plain types, which loggers and checkpoints can keep.

    Raises:
        InputError: It has a key that its type does not have: ``+key=value`` adds any.
    """
    _refuse_unknown(cfg, "")
    container: dict[str, Any] = OmegaConf.to_container(
        cfg, resolve=True, enum_to_str=True, throw_on_missing=True
    )  # type: ignore[assignment]
    return container


def _refuse_unknown(node: DictConfig, place: str) -> None:
    kind = OmegaConf.get_type(node)
    for name, value in node.items_ex(resolve=False):
        key = str(name)
        if is_dataclass(kind) and key not in {field.name for field in fields(kind)}:
            raise InputError(f"{place}{key}: Expected a key of {kind.__name__}. Got one that nothing reads")
        if isinstance(value, DictConfig):
            _refuse_unknown(value, f"{place}{key}.")


def choices(hydra: Any) -> dict[str, str]:
    """What was chosen in every group of this project, by the key that the group fills."""
    skipped = ("hydra/", "schema@")  # Hydra's own, and the types
    chosen = {group: choice for group, choice in hydra.runtime.choices.items() if choice}
    mine = (group for group in chosen if not group.startswith(skipped))
    return {group.rpartition("@")[2]: chosen[group] for group in mine}


_register()
