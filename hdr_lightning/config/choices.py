"""Types of what the configuration groups choose from: networks, losses, optimizers and so on."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from omegaconf import MISSING

Inputs = Enum("Inputs", ["shared", "stacked"])
Upsampling = Enum("Upsampling", ["bilinear", "nearest"])
Colour = Enum("Colour", ["rgb", "ycbcr", "matched"])
Window = Enum("Window", ["gaussian", "uniform"])
Interval = Enum("Interval", ["epoch", "step"])
Mode = Enum("Mode", ["min", "max"])
Border = Enum("Border", ["valid", "reflect"])


def of_ones_own() -> dict[str, str]:
    """What a group has where nothing is chosen in it: the place for a target of one's own."""
    return {"_target_": MISSING}


@dataclass
class VGG:
    """`model=vgg`"""

    _target_: str = "hdr_lightning.fusers.VGG"
    width: float = MISSING
    inputs: Inputs = MISSING
    exposures: int = MISSING
    skips: bool = MISSING
    poolings: int = MISSING
    upsampling: Upsampling = MISSING


@dataclass
class BandNet:
    """`model=bandnet`"""

    _target_: str = "hdr_lightning.fusers.BandNet"
    features: int = MISSING
    codes: int = MISSING
    layers: int = MISSING
    coarseness: int = MISSING
    bands: int = MISSING
    pixels: int = MISSING
    brightness: int = MISSING


@dataclass
class BrightnessNet:
    """`model=brightness`"""

    _target_: str = "hdr_lightning.fusers.BrightnessNet"
    features: int = MISSING


@dataclass
class WeightedSum:
    """`blending=weighted_sum`"""

    _target_: str = "hdr_lightning.blending.WeightedSum"
    colour: Colour = MISSING


@dataclass
class MultiBand:
    """`blending=multiband`"""

    _target_: str = "hdr_lightning.blending.MultiBand"
    levels: int | None = None
    colour: Colour = MISSING
    in_range: bool = MISSING


@dataclass
class WeightedSSIM:
    """`loss=weighted_ssim`"""

    _target_: str = "hdr_lightning.losses.WeightedSSIMLoss"
    gamma: Any = field(default_factory=of_ones_own)
    windows: list[int] = MISSING
    sigma: float = MISSING
    window: Window = MISSING
    k1: float = MISSING
    k2: float = MISSING
    border: Border = MISSING


@dataclass
class MEFSSIM:
    """`loss=mef_ssim`"""

    _target_: str = "hdr_lightning.losses.MEFSSIMLoss"
    luminance: float = MISSING
    overshoot: float = MISSING


@dataclass
class Bracket:
    """`loss=bracket`"""

    _target_: str = "hdr_lightning.losses.BracketLoss"
    structure: float = MISSING
    brightness: float = MISSING
    mix: float = MISSING
    tones: float = MISSING
    colour: float = MISSING
    overshoot: float = MISSING


@dataclass
class Supervised:
    """`loss=supervised`"""

    _target_: str = "hdr_lightning.losses.SupervisedLoss"
    structure: float = MISSING


@dataclass
class CueGamma:
    """Every `loss.gamma`"""

    _target_: str = "hdr_lightning.gammas.CueGamma"
    cues: list[str] = MISSING
    normalize: bool = MISSING
    sigma: float = MISSING
    floor: float = MISSING


@dataclass
class Optimizer:
    """What every optimizer has; `groups` is ours, see `training.optimization.build_optimizer`."""

    _partial_: bool = True
    lr: float = MISSING
    groups: Any = None
    weight_decay: float = MISSING


@dataclass
class Adam(Optimizer):
    """`optimizer=adam`"""

    _target_: str = "torch.optim.Adam"
    betas: tuple[float, float] = MISSING
    eps: float = MISSING


@dataclass
class AdamW(Adam):
    """`optimizer=adamw`"""

    _target_: str = "torch.optim.AdamW"


@dataclass
class SGD(Optimizer):
    """`optimizer=sgd`"""

    _target_: str = "torch.optim.SGD"
    momentum: float = MISSING
    nesterov: bool = MISSING


@dataclass
class Timed:
    """What every schedule has beside the arguments of its target, see `training.optimization.Schedule`."""

    _partial_: bool = True
    interval: Interval = Interval.epoch
    frequency: int = 1
    monitor: str | None = None


@dataclass
class Exponential(Timed):
    """`scheduler=exponential`"""

    _target_: str = "torch.optim.lr_scheduler.ExponentialLR"
    gamma: float = MISSING


@dataclass
class Cosine(Timed):
    """`scheduler=cosine`"""

    _target_: str = "torch.optim.lr_scheduler.CosineAnnealingLR"
    T_max: int = MISSING
    eta_min: float = MISSING


@dataclass
class Plateau(Timed):
    """`scheduler=plateau`"""

    _target_: str = "torch.optim.lr_scheduler.ReduceLROnPlateau"
    mode: Mode = MISSING
    factor: float = MISSING
    patience: int = MISSING
    min_lr: float = MISSING


@dataclass
class Wandb:
    """`logger=wandb`"""

    _target_: str = "hdr_lightning.training.loggers.wandb_logger"
    project: str = MISSING
    group: str | None = None
    name: str | None = None
    tags: list[str] = MISSING


@dataclass
class CSV:
    """`logger=csv`"""

    _target_: str = "hdr_lightning.training.loggers.csv_logger"


@dataclass
class TensorBoard:
    """`logger=tensorboard`"""

    _target_: str = "lightning.pytorch.loggers.TensorBoardLogger"
    name: str = MISSING
    version: str = MISSING


@dataclass
class MLflow:
    """`logger=mlflow`"""

    _target_: str = "hdr_lightning.training.loggers.mlflow_logger"
    experiment: str = MISSING
    name: str | None = None
    uri: str | None = None
    tags: dict[str, str] = MISSING


NETWORKS = (VGG, BandNet, BrightnessNet)
BLENDINGS = (WeightedSum, MultiBand)
LOSSES = (WeightedSSIM, MEFSSIM, Bracket, Supervised, CueGamma)
OPTIMIZERS = (Adam, AdamW, SGD, Exponential, Cosine, Plateau)
LOGGERS = (Wandb, CSV, TensorBoard, MLflow)
GROUP_CHOICES = (*NETWORKS, *BLENDINGS, *LOSSES, *OPTIMIZERS, *LOGGERS)
