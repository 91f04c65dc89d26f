"""The parts of a run, built from its plain configuration."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import Logger
from torch import nn

from hdr_lightning.config.building import build
from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import build_fusion, first_difference
from hdr_lightning.networks.method import resolve
from hdr_lightning.runs.folder import CHECKPOINTS, HISTORY, LAST, NOT_FINITE, PROFILE, VAL_SCORES
from hdr_lightning.training import compute
from hdr_lightning.training.batch_norm import SyncBatchNorm
from hdr_lightning.training.callbacks import History, Means, Pictures, SceneTable
from hdr_lightning.training.ending import Ending
from hdr_lightning.training.module import FusionModule
from hdr_lightning.training.optimization import build_optimizer, build_schedule, try_out
from hdr_lightning.training.profiling import named_profiler
from hdr_lightning.training.stopping import Stopping
from hdr_lightning.training.storage import CheckpointFiles, ModelCheckpoint
from hdr_lightning.training.watch import Watch


def recipe_of(config: dict[str, Any]) -> dict[str, Any]:
    """What rebuilds the network, see `checkpoints.build_fusion`."""
    return {"fuser": config["model"], "blending": config["blending"]}


def build_datamodule(config: dict[str, Any], references: bool = False) -> SceneDataModule:
    """The data of a run, with references where the loss needs them."""
    described_by_sources = ("layout", "root", "exposures")
    arguments = {key: value for key, value in config["data"].items() if key not in described_by_sources}
    return SceneDataModule(**arguments, seed=config["seed"], references=references)


def build_module(config: dict[str, Any]) -> FusionModule:
    """What is trained, and how."""
    loss: nn.Module = build(config["loss"], "loss")
    optimizer = build_optimizer(config["optimizer"])
    schedule = build_schedule(config["scheduler"])
    fusion = build_start(config)
    compute.configure(fusion.fuser, **config["compute"])
    try_out(fusion, optimizer, schedule)
    return FusionModule(fusion, loss, optimizer, schedule, recipe_of(config))


def build_start(config: dict[str, Any]) -> Fusion:
    """The network that a run begins with: as it is born, or with the weights of `start_from`.

    These may be those of a part of it, as `BrightnessNet` is of `BandNet`; the rest is then as it is born.

    Raises:
        InputError: `start_from` names no network, or another one than `model` describes and no part of it.
    """
    fusion = build_fusion(recipe_of(config))
    if not (name := config["start_from"]):
        return fusion
    try:
        trained = resolve(name)
    except InputError as error:
        raise InputError(f"start_from: {error}") from error
    weights, wanted = trained.state_dict(), fusion.state_dict()
    if weights and type(trained.fuser) is not type(fusion.fuser):  # a part of it, or foreign
        wanted = {key: wanted[key] for key in wanted.keys() & weights.keys()}
    if difference := first_difference(weights, wanted):
        raise InputError(
            f"start_from: Expected the weights of {type(fusion.fuser).__name__} with the settings of model, "
            "or of a part of it. "
            f"Got {name}: {difference}"
        )
    fusion.load_state_dict(fusion.state_dict() | weights)
    return fusion


def build_trainer(
    config: dict[str, Any],
    run_dir: Path,
    loggers: list[Logger],
    stopping: Stopping,
    validated: bool,
) -> tuple[L.Trainer, History, ModelCheckpoint]:
    """Who trains it, who tells how it went, who keeps `best.ckpt`; `last.ckpt` is the latest state."""
    folder = run_dir / CHECKPOINTS
    best = ModelCheckpoint(folder, filename="best", monitor="val/mef_ssim", mode="max")
    last = ModelCheckpoint(folder, filename="last", save_on_train_epoch_end=True)
    history = History(run_dir / HISTORY)
    watch = Watch(run_dir / LAST, run_dir / NOT_FINITE, stopping, config["checkpoint_minutes"])
    callbacks: list[L.Callback] = [Means(), history, SceneTable(run_dir / VAL_SCORES)]
    if config["pictures"]:
        callbacks.append(Pictures(run_dir, config["pictures"]))
    if loggers:
        callbacks.append(LearningRateMonitor(logging_interval="epoch"))
    callbacks += [build(part, f"callbacks.{name}") for name, part in config["callbacks"].items()]
    if not validated:
        _refuse_unseen(callbacks, config["scheduler"])
    settings = {"enable_model_summary": False, **config["trainer"]}
    callbacks.append(Ending(settings.pop("max_steps", -1)))
    # Those that write checkpoints come last: what the others make of a step is in it then.
    callbacks += [watch, best, last] if validated else [watch, last]
    settings["profiler"] = named_profiler(settings["profiler"], run_dir / PROFILE)
    # Sampling is the data module's, which plans the patches of all ranks together.
    trainer: L.Trainer = build(
        settings,
        "trainer",
        logger=loggers or False,
        callbacks=callbacks,
        plugins=_plugins(settings),
        default_root_dir=run_dir,
        use_distributed_sampler=False,
    )
    return trainer, history, best


def _refuse_unseen(callbacks: list[L.Callback], schedule: dict[str, Any] | None) -> None:
    """Without scenes to validate on, nothing is to look at their score."""
    looked_at = [(type(each).__name__, getattr(each, "monitor", None)) for each in callbacks]
    for name, score in (*looked_at, ("scheduler", (schedule or {}).get("monitor"))):
        if str(score).startswith("val/"):
            raise InputError(
                f"data.val_fraction, data.val_sources: Expected scenes to validate on, for {name} looks at "
                f"{score}. Got none"
            )


def _plugins(trainer: dict[str, Any]) -> list[Any]:
    """How checkpoints are written, how batch normalisation counts, and what the settings add."""
    own = trainer.get("plugins") or []
    own = [own] if isinstance(own, dict | str) else own
    built = [build(part, "trainer.plugins") if isinstance(part, dict) else part for part in own]
    return [CheckpointFiles(), *([SyncBatchNorm()] if trainer["sync_batchnorm"] else []), *built]
