"""Types of every configuration key, so that a wrong value is refused before anything heavy is imported.

The values live in ``conf/``; each YAML file of a group names the type that it fills in its defaults list.
"""

import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import II, MISSING, DictConfig, OmegaConf

Layout = Enum("Layout", ["demo", "folder", "pairs", "sice", "mefb"])
Exposures = Enum("Exposures", ["pair", "all_pairs", "stack"])
Patches = Enum("Patches", ["grid", "random"])
SmallScenes = Enum("SmallScenes", ["pad", "refuse"])
Inputs = Enum("Inputs", ["shared", "stacked"])
Upsampling = Enum("Upsampling", ["bilinear", "nearest"])
Colour = Enum("Colour", ["rgb", "ycbcr"])
Window = Enum("Window", ["gaussian", "uniform"])
Border = Enum("Border", ["valid", "reflect"])


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
    small_scenes: SmallScenes = MISSING
    batch_size: int = MISSING
    num_workers: int = MISSING
    cache_dir: str | None = None
    cache_gb: float = MISSING


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
class VGG:
    """``model=vgg``"""

    _target_: str = "hdr_lightning.fusers.VGG"
    width: float = MISSING
    inputs: Inputs = MISSING
    exposures: int = MISSING
    skips: bool = MISSING
    poolings: int = MISSING
    upsampling: Upsampling = MISSING


@dataclass
class WeightedSum:
    """``blending=weighted_sum``"""

    _target_: str = "hdr_lightning.blending.WeightedSum"
    colour: Colour = MISSING


@dataclass
class MultiBand:
    """``blending=multiband``"""

    _target_: str = "hdr_lightning.blending.MultiBand"
    levels: int | None = None
    colour: Colour = MISSING


@dataclass
class WeightedSSIM:
    """``loss=weighted_ssim``"""

    _target_: str = "hdr_lightning.losses.WeightedSSIMLoss"
    gamma: Any = MISSING
    windows: list[int] = MISSING
    sigma: float = MISSING
    window: Window = MISSING
    k1: float = MISSING
    k2: float = MISSING
    border: Border = MISSING


@dataclass
class MEFSSIM:
    """``loss=mef_ssim``"""

    _target_: str = "hdr_lightning.losses.MEFSSIMLoss"


@dataclass
class CueGamma:
    """Every ``loss.gamma``"""

    _target_: str = "hdr_lightning.gammas.CueGamma"
    cues: list[str] = MISSING
    normalize: bool = MISSING
    sigma: float = MISSING
    floor: float = MISSING


@dataclass
class Adam:
    """``optimizer=adam`` and ``adamw``"""

    _target_: str = "torch.optim.Adam"
    _partial_: bool = True
    lr: float = MISSING
    betas: tuple[float, float] = MISSING
    eps: float = MISSING
    weight_decay: float = MISSING


@dataclass
class SGD:
    """``optimizer=sgd``"""

    _target_: str = "torch.optim.SGD"
    _partial_: bool = True
    lr: float = MISSING
    momentum: float = MISSING
    nesterov: bool = MISSING
    weight_decay: float = MISSING


@dataclass
class Exponential:
    """``scheduler=exponential``"""

    _target_: str = "torch.optim.lr_scheduler.ExponentialLR"
    _partial_: bool = True
    gamma: float = MISSING


@dataclass
class Cosine:
    """``scheduler=cosine``"""

    _target_: str = "torch.optim.lr_scheduler.CosineAnnealingLR"
    _partial_: bool = True
    T_max: int = MISSING
    eta_min: float = MISSING


@dataclass
class Wandb:
    """``logger=wandb``"""

    _target_: str = "hdr_lightning.training.loggers.wandb_logger"
    project: str = MISSING
    group: str | None = None
    name: str | None = None
    tags: list[str] = MISSING


@dataclass
class CSV:
    """``logger=csv``"""

    _target_: str = "hdr_lightning.training.loggers.csv_logger"


@dataclass
class TensorBoard:
    """``logger=tensorboard``"""

    _target_: str = "lightning.pytorch.loggers.TensorBoardLogger"
    name: str = MISSING
    version: str = MISSING


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
    logger: Any = None
    seed: int = MISSING
    run_dir: str = MISSING
    resume: bool = MISSING
    pictures: int = MISSING


GROUP_CHOICES = (
    *(VGG, WeightedSum, MultiBand),
    *(WeightedSSIM, MEFSSIM, CueGamma),
    *(Adam, SGD, Exponential, Cosine),
    *(Wandb, CSV, TensorBoard),
)


def register() -> None:
    """Make the types known to Hydra: the whole as ``schema``, those of choices in the group ``schema``."""
    store = ConfigStore.instance()
    store.store(name="schema", node=Train)
    for choice in GROUP_CHOICES:
        store.store(group="schema", name=choice.__name__, node=choice)
    OmegaConf.register_new_resolver("job_name", _job_name, replace=True)
    OmegaConf.register_new_resolver("writable", _writable, replace=True)


def _job_name(overrides: list[str], number: int) -> str:
    """Name a job of a sweep by what varies on the command line, or by its number where nothing there does."""
    given = OverridesParser.create().parse_overrides([word for word in sys.argv[1:] if "=" in word])
    varied = {override.key_or_group for override in given if override.is_sweep_override()}
    parts = [text.lstrip("+") for text in overrides if text.lstrip("+").split("=")[0] in varied]
    return ",".join(parts).replace("/", "_") or str(number)


def _writable(key: str, folder: str) -> str:
    """Make the folder of all output before Hydra does, which would answer a refusal with a traceback."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.exit(f"error: {key}={folder}: Expected a folder to write in. Got: {error.strerror or error}")
    return folder


def plain(cfg: DictConfig) -> dict[str, Any]:
    """The resolved configuration as plain types, which loggers and checkpoints can keep."""
    container: dict[str, Any] = OmegaConf.to_container(
        cfg, resolve=True, enum_to_str=True, throw_on_missing=True
    )  # type: ignore[assignment]
    return container
