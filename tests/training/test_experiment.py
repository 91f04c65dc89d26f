"""Whole runs in this process, on generated brackets."""

import csv
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from PIL import Image

from hdr_lightning.config import CONF
from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.networks.checkpoints import load_fusion
from hdr_lightning.training import experiment as experiments
from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]
EXPERIMENTS = sorted(file.stem for file in (CONF / "experiment").glob("*.yaml"))


def read(file: Path) -> list[dict[str, str]]:
    with file.open() as stream:
        return list(csv.DictReader(stream))


def weights_of(run_dir: Path, name: str = "last") -> dict[str, torch.Tensor]:
    return torch.load(run_dir / "checkpoints" / f"{name}.ckpt", weights_only=True)["state_dict"]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_runs(experiment: str, config: Config, brackets: Path, tmp_path: Path) -> None:
    exposures = "pair"
    if experiment.startswith("bandnet"):  # whose loss learns from whole brackets
        exposures = "stack"
        for folder in brackets.iterdir():
            (folder / "3.png").write_bytes((folder / "2.png").read_bytes())
    here = f"[{{layout: folder, root: {brackets}, exposures: {exposures}}}]"
    places = [f"data.sources={here}", "data.test_sources=null", "data.split_file=null", "start_from=null"]
    recipe = config(
        f"experiment={experiment}", "trainer.fast_dev_run=true", *places, "trainer.limit_test_batches=1.0"
    )
    run(recipe, tmp_path / "run")
    assert {row["method"] for row in read(tmp_path / "run" / "scores.csv")} == {
        "average",
        "untrained",
        "trained",
    }
    assert yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())["state"] == "finished"


@pytest.mark.parametrize("loss", ["loss=mef_ssim", "loss.gamma=wellexp", "blending=multiband"])
def test_training_lowers_the_loss_and_keeps_the_best_score(loss: str, config: Config, tmp_path: Path) -> None:
    best = run(config(loss, "trainer.max_epochs=10", "optimizer.lr=0.01"), tmp_path / "run")
    history = read(tmp_path / "run" / "history.csv")
    assert [int(row["epoch"]) for row in history] == list(range(10))
    assert float(history[-1]["train/loss"]) < float(history[0]["train/loss"])
    assert best == pytest.approx(max(float(row["val/mef_ssim"]) for row in history), abs=1e-5)


def test_supervised_training_sees_the_references(config: Config, brackets: Path, tmp_path: Path) -> None:
    overrides = ("loss=supervised", "optimizer.lr=0.01", "trainer.max_epochs=4")
    with pytest.raises(
        InputError, match=r"Expected a reference for every training scene.* Got none for scene_"
    ):
        run(config(*overrides), tmp_path / "refused")
    for scene in brackets.iterdir():
        shutil.copy(scene / "1.png", scene / "reference.png")
    run(config(*overrides), tmp_path / "run")
    history = read(tmp_path / "run" / "history.csv")
    assert float(history[-1]["train/loss"]) < float(history[0]["train/loss"])


def test_scores_are_those_of_the_checkpoint_alone(config: Config, tmp_path: Path) -> None:
    recipe = config("model.inputs=stacked")
    run(recipe, tmp_path / "run")
    fusion = load_fusion(tmp_path / "run" / "checkpoints" / "best.ckpt")
    data = {key: value for key, value in recipe["data"].items() if key not in ("layout", "root", "exposures")}
    datamodule = SceneDataModule(**data, seed=recipe["seed"])
    datamodule.prepare_data()
    datamodule.setup("test")
    with torch.no_grad():
        own = {
            batch.names[0]: mef_ssim(fusion(batch.exposures).image, batch.exposures).item()
            for batch in datamodule.test_dataloader()
        }
    written = {
        row["scene"]: float(row["mef_ssim"])
        for row in read(tmp_path / "run" / "scores.csv")
        if row["method"] == "trained"
    }
    assert written == pytest.approx(own, abs=1e-6)


@pytest.mark.parametrize(("workers", "every"), [(0, 1), pytest.param(1, 1, marks=pytest.mark.slow), (0, 2)])
def test_resumed_run_equals_the_uninterrupted(
    workers: int, every: int, config: Config, tmp_path: Path
) -> None:
    settings = ["data.augment=true", f"data.num_workers={workers}", "data.patches=random"]
    settings.append(f"trainer.check_val_every_n_epoch={every}")
    run(config(*settings, "trainer.max_epochs=3"), tmp_path / "whole")
    run(config(*settings, "trainer.max_epochs=1"), tmp_path / "parts")
    run(config(*settings, "trainer.max_epochs=3", "resume=true"), tmp_path / "parts")
    whole, parts = weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, rtol=0, atol=0)
    ignored = {"seconds"}
    histories = [read(tmp_path / name / "history.csv") for name in ("whole", "parts")]
    stripped = [[{k: v for k, v in row.items() if k not in ignored} for row in rows] for rows in histories]
    assert stripped[0] == stripped[1]


def test_last_checkpoint_is_of_the_last_epoch_even_when_the_score_falls(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    falling = iter(range(10, 0, -1))
    monkeypatch.setattr("hdr_lightning.metrics.MEFSSIM.compute", lambda _: torch.tensor(next(falling) / 10))
    run(config("trainer.max_epochs=4"), tmp_path / "run")
    epochs = {
        name: torch.load(tmp_path / "run" / "checkpoints" / f"{name}.ckpt", weights_only=True)["epoch"]
        for name in ("best", "last")
    }
    assert epochs == {"best": 0, "last": 3}


def test_run_without_validation_keeps_its_network(config: Config, tmp_path: Path) -> None:
    assert run(config("data.val_fraction=0"), tmp_path / "run") is None
    assert weights_of(tmp_path / "run")
    assert read(tmp_path / "run" / "scores.csv")


def test_run_that_tests_nothing_has_no_scores(config: Config, tmp_path: Path) -> None:
    assert run(config("trainer.limit_test_batches=0"), tmp_path / "run") is not None
    assert not read(tmp_path / "run" / "scores.csv")


def test_resume_refuses_other_settings(config: Config, tmp_path: Path) -> None:
    run(config("trainer.max_epochs=1"), tmp_path / "run")
    for other in ("model.skips=false", "optimizer=sgd", "optimizer.lr=0.5", "seed=7", "data.batch_size=2"):
        key = re.escape(other.split("=")[0])
        with pytest.raises(InputError, match=f"resume=true: Expected {key}"):
            run(config("resume=true", other), tmp_path / "run")


def test_start_from_takes_over_the_weights_of_the_same_network(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(config(), tmp_path / "first")
    start = tmp_path / "first" / "checkpoints" / "best.ckpt"
    gone = Path(shutil.copy(start, tmp_path / "gone.ckpt"))
    fit = experiments._fit
    monkeypatch.setattr(experiments, "_fit", lambda *given: (gone.unlink(), fit(*given)))  # while it runs
    still = ("optimizer=sgd", "optimizer.lr=0", "optimizer.momentum=0", "optimizer.nesterov=false")
    run(config(f"start_from={gone}", *still, "trainer.max_epochs=1"), tmp_path / "second")
    first, second = weights_of(tmp_path / "first", "best"), weights_of(tmp_path / "second")
    assert first.keys() == second.keys()
    for name in first:
        if "running" not in name and "batches" not in name:
            torch.testing.assert_close(second[name], first[name])
    begun = [row for row in read(tmp_path / "second" / "scores.csv") if row["method"] == "untrained"]
    ended = [row for row in read(tmp_path / "first" / "scores.csv") if row["method"] == "trained"]
    assert begun and [row["mef_ssim"] for row in begun] == [row["mef_ssim"] for row in ended]
    with pytest.raises(InputError, match="start_from: Expected the weights of VGG"):
        run(config(f"start_from={start}", "model.width=0.1"), tmp_path / "third")
    with pytest.raises(InputError, match="start_from: Expected the weights of BandNet"):
        run(config("experiment=bandnet", "data.split_file=null", f"start_from={start}"), tmp_path / "fourth")


@pytest.mark.slow
def test_second_part_keeps_the_brightness_of_the_first(
    config: Config, brackets: Path, tmp_path: Path
) -> None:
    for scene in brackets.iterdir():  # a bracket of two teaches nothing
        Image.open(scene / "1.png").point(lambda level: level // 2).save(scene / "0.png")
    here = f"data.sources=[{{layout: folder, root: {brackets}, exposures: stack}}]"
    quick = (here, "data.split_file=null", "trainer.max_epochs=1", "trainer.check_val_every_n_epoch=1")
    run(config("experiment=bandnet_brightness", *quick), tmp_path / "first")
    start = tmp_path / "first" / "checkpoints" / "best.ckpt"
    run(
        config("experiment=bandnet", "model.brightness=4", *quick, f"start_from={start}"), tmp_path / "second"
    )
    first, second = weights_of(tmp_path / "first", "best"), weights_of(tmp_path / "second")
    assert first.keys() == {name for name in second if ".brightness." in name}
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first["fusion.fuser.brightness.head.weight"].any()  # it has learned: untrained it is 0
    assert second["fusion.fuser.head.1.weight"].any()


def test_finished_run_is_not_run_again(config: Config, tmp_path: Path) -> None:
    best = run(config("trainer.max_epochs=1"), tmp_path / "run")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "run").rglob("*")}
    assert run(config("trainer.max_epochs=1", "resume=true"), tmp_path / "run") == best
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "run").rglob("*")} == before
    run(config("trainer.max_epochs=2", "resume=true"), tmp_path / "run")
    assert [row["epoch"] for row in read(tmp_path / "run" / "history.csv")] == ["0", "1"]


def test_csv_logger_keeps_what_was_logged_before_the_resume(config: Config, tmp_path: Path) -> None:
    run(config("logger=csv", "trainer.max_epochs=1"), tmp_path / "run")
    run(config("logger=csv", "trainer.max_epochs=2", "resume=true"), tmp_path / "run")
    epochs = [
        {row["epoch"] for row in read(tmp_path / "run" / name / "metrics.csv") if row["epoch"]}
        for name in ("csv", "csv_2")
    ]
    assert "0" in epochs[0] and "1" in epochs[1]


def test_a_run_is_never_trained_over(config: Config, tmp_path: Path) -> None:
    run(config(), tmp_path / "run")
    before = {name: value.clone() for name, value in weights_of(tmp_path / "run").items()}
    with pytest.raises(InputError, match="resume=true"):
        run(config(), tmp_path / "run")
    assert all(torch.equal(before[name], value) for name, value in weights_of(tmp_path / "run").items())


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("data.root=nowhere", "existing folder as root of layout folder. Got nowhere"),
        ("data=mefb", "Expected one *_A.* and one *_B.*"),
        ("model.poolings=9", "model.poolings: Expected 0 to 4. Got 9"),
        ("loss.windows=[4]", "Expected an odd window size of at least 1. Got 4"),
        ("loss.gamma.cues=[hue]", "loss.gamma.cues: Expected a cue out of var, grad, wellexp. Got 'hue'"),
        ("optimizer.lr=-1", "optimizer: Expected settings that it accepts. Got: Invalid learning rate: -1"),
        ("trainer.precision=bf17", "trainer: Expected settings that lightning.Trainer accepts"),
        ("trainer.strategy=dpp", "trainer: Expected settings that lightning.Trainer accepts"),
        ("data.patch_size=0", "Expected data.patch_size of at least 1. Got 0"),
        ("data.tone_jitter=2", "Expected data.tone_jitter between 0 and 1. Got 2"),
        ("data.scale_jitter=2", "Expected data.scale_jitter between 0 and 1. Got 2"),
        ("data.val_fraction=2", "Expected data.val_fraction"),
        ("data.num_workers=-1", "Expected data.num_workers of at least 0. Got -1"),
    ],
)
def test_wrong_value_is_named_at_the_start(
    override: str, expected: str, config: Config, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=re.escape(expected)):
        run(config(override), tmp_path / "run")
    assert yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())["state"] == "failed"


def test_failure_is_recorded(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = WeightedSSIMLoss.forward

    def broken(*images: torch.Tensor) -> dict[str, torch.Tensor]:
        if torch.is_grad_enabled():  # in a step, not in the trial on noise
            raise RuntimeError("out of luck")
        return plain(*images)

    monkeypatch.setattr(WeightedSSIMLoss, "forward", broken)
    with pytest.raises(RuntimeError, match="out of luck"):
        run(config("logger=wandb"), tmp_path / "run")
    record = yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())
    assert (record["state"], record["reason"]) == ("failed", "RuntimeError: out of luck")
    assert wandb_records(tmp_path / "run", "exit")[-1]["exit_code"] == 1


@pytest.mark.slow
def test_wandb_run_can_be_read_back(config: Config, tmp_path: Path) -> None:
    chosen = {"choices": {"loss.gamma": "var_grad"}}
    first = run({**config("logger=wandb", "seed=1"), **chosen}, tmp_path / "sweep" / "first")
    run(config("logger=wandb", "seed=2", "trainer.max_epochs=1"), tmp_path / "sweep" / "second")
    folder = tmp_path / "sweep" / "first"

    born, second = (wandb_records(tmp_path / "sweep" / name, "run")[0] for name in ("first", "second"))
    assert (born["run_group"], born["display_name"]) == ("sweep", "first")
    assert born["run_id"] != second["run_id"]
    assert second["run_group"] == "sweep"

    settings = json.dumps(wandb_records(folder, "config"))
    assert '"loss_gamma": "var_grad"' in settings  # runs can be grouped by it
    for key in ("loss", "gamma", "cues", "code", "patch_size"):
        assert key in settings

    history = json.dumps(wandb_records(folder, "history"))
    for key in (
        "train/loss",
        "train/ssim",
        "lr-Adam",
        "val/mef_ssim",
        "val/scenes",
        "val_panels/",
        "test/trained",
    ):
        assert key in history, key
    summary = json.dumps(wandb_records(folder, "summary"))
    assert "best_val_mef_ssim" in summary and str(round(first, 6))[:6] in summary
    assert '"parameters"' in summary and '"seconds"' in summary
    assert wandb_records(folder, "exit")[-1].get("exit_code", 0) == 0
    assert list(folder.glob("wandb/offline-run-*/files/media/images/**/*.png"))
    assert list(folder.glob("wandb/offline-run-*/files/media/table/**/*.json"))


def wandb_records(run_dir: Path, kind: str) -> list[dict[str, Any]]:
    """Records of one kind of the offline run in a folder, read by W&B's own tool in a second process."""
    (offline,) = run_dir.glob("wandb/offline-run-*/run-*.wandb")
    command = [str(Path(sys.executable).parent / "wandb"), "leet", "inspect", "--json", str(offline)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    records = [json.loads(line) for line in shown.splitlines() if line.strip()]
    return [record[kind] for record in records if kind in record]


def test_each_tested_method_is_logged_once_under_its_name(config: Config, tmp_path: Path) -> None:
    run(config("logger=csv", "trainer.max_epochs=1"), tmp_path / "run")
    logged = read(tmp_path / "run" / "csv" / "metrics.csv")
    tests = [
        (key, value) for row in logged for key, value in row.items() if key.startswith("test/") and value
    ]
    means: dict[str, list[float]] = {}
    for row in read(tmp_path / "run" / "scores.csv"):
        means.setdefault(f"test/{row['method']}", []).append(float(row["mef_ssim"]))
    assert sorted(key for key, _ in tests) == ["test/average", "test/trained", "test/untrained"]
    assert {key: float(value) for key, value in tests} == pytest.approx(
        {key: sum(scores) / len(scores) for key, scores in means.items()}
    )


@pytest.mark.parametrize("logger", ["csv", "tensorboard"])
def test_other_loggers_replace_wandb(logger: str, config: Config, tmp_path: Path) -> None:
    best = run(config(f"logger={logger}"), tmp_path / "run")
    assert not (tmp_path / "run" / "wandb").exists()
    if logger == "csv":
        logged = [row["val/mef_ssim"] for row in read(tmp_path / "run" / "csv" / "metrics.csv")]
        assert max(float(value) for value in logged if value) == pytest.approx(best, abs=1e-5)
    else:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
        assert max(event.value for event in events.Scalars("val/mef_ssim")) == pytest.approx(best, abs=1e-5)
        assert events.Tags()["images"]


def test_pictures_show_the_scene(config: Config, tmp_path: Path) -> None:
    run(config("trainer.max_epochs=1", "pictures=1"), tmp_path / "run")
    (scene,) = (folder for folder in (tmp_path / "run" / "images" / "test").iterdir() if folder.is_dir())
    maps = [read_image(scene / f"weight_{n}.png").astype(int) for n in (1, 2)]
    assert (abs(maps[0] + maps[1] - 255) <= 1).all()
    gammas = [read_image(scene / f"gamma_{n}.png").astype(int) for n in (1, 2)]
    assert (abs(gammas[0] + gammas[1] - 255) <= 1).all()
    assert read_image(scene / "fused.png").shape == (64, 80, 3)
    assert len(list((tmp_path / "run" / "images" / "epoch_0000").glob("*.png"))) == 1
    assert math.isfinite(float(read(tmp_path / "run" / "history.csv")[0]["val/mef_ssim"]))
