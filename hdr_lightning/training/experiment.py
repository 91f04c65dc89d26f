"""One training run from its plain configuration: build, fit, score, leave a folder that explains itself."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from hdr_lightning.blending import WeightedSum
from hdr_lightning.config.building import build
from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.files import write_csv
from hdr_lightning.fusers import Average
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import load_fusion
from hdr_lightning.runs.folder import PROFILE, SCORES
from hdr_lightning.runs.record import RunRecord, code_version
from hdr_lightning.training import loggers as logs
from hdr_lightning.training.assembly import build_datamodule, build_module, build_start, build_trainer
from hdr_lightning.training.first_step import try_first_step
from hdr_lightning.training.module import FusionModule, ScoreModule
from hdr_lightning.training.profiling import end_profile, print_profile
from hdr_lightning.training.ranges import check_ranges
from hdr_lightning.training.resume import checkpoint_to_resume, finished_before
from hdr_lightning.training.scenes import refuse_moved, write_scenes
from hdr_lightning.training.stopping import Stopping
from hdr_lightning.training.storage import require_room
from hdr_lightning.training.summary import print_finished, print_start, print_summary

Scores = dict[str, dict[str, float]]
"""MEF-SSIM by method and scene."""


def run(config: dict[str, Any], run_dir: Path) -> float | None:
    """Train and test what the configuration says; all output lies in the run's folder.

    Args:
        config: The resolved configuration of `conf/train.yaml` as plain types.
        run_dir: Folder of the run.

    Returns:
        The best MEF-SSIM on the validation scenes; None where there was no validation.

    Raises:
        InputError: The configuration, the data or the folder cannot be used.
    """
    _quiet()
    check_ranges(config)
    if config["resume"] and (done := finished_before(run_dir, config)):
        print_finished(run_dir, done)
        return done.get("best_val_mef_ssim")
    resume = checkpoint_to_resume(run_dir, config)
    with Stopping().listening() as stopping, RunRecord(run_dir) as record:
        record.write_config(config)
        L.seed_everything(config["seed"], workers=True, verbose=False)
        begun = build_start(config)  # now, since the file of start_from may change while the run lasts
        L.seed_everything(config["seed"], workers=True, verbose=False)
        module = build_module(config)
        datamodule = build_datamodule(config, getattr(module.loss, "needs_reference", False))
        try_first_step(module, datamodule)
        if resume:
            refuse_moved(run_dir, datamodule)
        write_scenes(run_dir, datamodule)
        parameters = sum(p.numel() for p in module.parameters())
        record.update(parameters=parameters)
        require_room(run_dir, parameters)
        with _logging(config, run_dir) as loggers:
            validated = bool(datamodule.val_scenes)
            trainer, history, checkpoint = build_trainer(config, run_dir, loggers, stopping, validated)
            _log_configuration(loggers, config, parameters)
            print_start(run_dir, datamodule, parameters, resume)
            _fit(trainer, module, datamodule, resume)
            stopping.check()
            end_profile(trainer)
            best = None if checkpoint.best_model_score is None else checkpoint.best_model_score.item()
            scores = _test(trainer, datamodule, begun, module, config, checkpoint.best_model_path)
            _keep_scores(loggers, run_dir, scores)
            result = {"best_val_mef_ssim": best, "test_mef_ssim": _means(scores), "seconds": history.seconds}
            record.update(**result)
            logs.summarize(loggers, {**result, "parameters": parameters})
        print_summary(run_dir, scores, best)
        print_profile(run_dir / PROFILE, config["trainer"]["profiler"])
    return best


def _quiet() -> None:
    """Keep from the terminal what says nothing to the person there."""
    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).handlers.clear()  # Hydra's root logger prints these messages already
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in (
        ".*does not have many workers.*",  # small data sets need none
        ".*sync_dist=True.*",  # the metric gathers by scene before it is logged
        ".*across ranks is zero.*",  # a data set without validation scenes
        ".*exists and is not empty.*",  # a folder with checkpoints is only ever resumed
        ".*treespec, LeafSpec.*",  # Lightning's use of an older torch
        ".*your dataloader is not resumable.*",  # it is, see PatchLoader
        ".*default schedule will be overridden.*",  # of the profiler: every step is recorded then
    ):
        warnings.filterwarnings("ignore", message=message)


def _fit(trainer: L.Trainer, module: FusionModule, datamodule: SceneDataModule, resume: str | None) -> None:
    try:
        trainer.fit(module, datamodule=datamodule, ckpt_path=resume, weights_only=True)
    except MisconfigurationException as error:  # by which Lightning tells what does not go together
        raise InputError(
            f"trainer, callbacks: Expected settings that go together. Got: {one_line(error)}"
        ) from error
    except RuntimeError as error:
        if not str(error).startswith("Early stopping conditioned on metric"):
            raise
        raise InputError(
            f"callbacks: Expected a score to look at that the run has. Got: {one_line(error)}"
        ) from error


@contextmanager
def _logging(config: dict[str, Any], run_dir: Path) -> Iterator[list[Logger]]:
    """The chosen loggers, closed as failed when the run fails."""
    loggers: list[Logger] = []
    failed = True
    try:
        for name, part in config["logger"].items():
            loggers.append(build(part, f"logger.{name}", save_dir=str(run_dir)))
        yield loggers
        failed = False
    finally:
        logs.finish(loggers, failed)


def _log_configuration(loggers: list[Logger], config: dict[str, Any], parameters: int) -> None:
    # W&B takes a dot in a key for another level, under which runs cannot be grouped.
    choices = {key.replace(".", "_"): choice for key, choice in config.get("choices", {}).items()}
    more = {"choices": choices, "code": code_version(), "parameters": parameters}
    for logger in loggers:
        logger.log_hyperparams({**config, **more})


def _test(
    trainer: L.Trainer,
    datamodule: SceneDataModule,
    begun: Fusion,
    module: FusionModule,
    config: dict[str, Any],
    best: str,
) -> Scores:
    """Score the plain average, the network that the run began with and the trained one on the test scenes."""
    if not datamodule.test_scenes or config["trainer"]["limit_test_batches"] == 0:
        return {}
    if best:
        module.fusion = load_fusion(best)
    contestants: dict[str, ScoreModule] = {
        "average": ScoreModule(Fusion(Average(), WeightedSum())),
        "untrained": ScoreModule(begun),
        "trained": module,
    }
    scores = {}
    for method, contestant in contestants.items():
        trainer.test(contestant, datamodule=datamodule, verbose=False)
        scores[method] = contestant.scores
    return scores


def _means(scores: Scores) -> dict[str, float]:
    return {method: sum(scenes.values()) / len(scenes) for method, scenes in scores.items() if scenes}


@rank_zero_only
def _keep_scores(loggers: list[Logger], run_dir: Path, scores: Scores) -> None:
    columns = ["method", "scene", "mef_ssim"]
    rows = [[method, scene, score] for method, scenes in scores.items() for scene, score in scenes.items()]
    write_csv(run_dir / SCORES, columns, rows)
    logs.log_table(loggers, "test/scenes", columns, rows)
    finals = {f"test/{method}": mean for method, mean in _means(scores).items()}
    for logger in loggers:
        logger.log_metrics(finals)
        logger.save()
