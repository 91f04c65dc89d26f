"""What a run may be put together from: any argument of the trainer, callbacks, several loggers, schedules."""

import csv
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from hdr_lightning.errors import InputError
from hdr_lightning.networks.checkpoints import build_fusion
from hdr_lightning.training.assembly import build_module, build_start, recipe_of
from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]


def rows(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "history.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_trainer_takes_objects_and_arguments_that_no_type_lists(config: Config, tmp_path: Path) -> None:
    profiler = "_target_: lightning.pytorch.profilers.SimpleProfiler, filename: times"
    words = ["trainer.overfit_batches=1", "trainer.max_epochs=3", "trainer.gradient_clip_algorithm=value"]
    words += ["trainer.gradient_clip_val=1", f"trainer.profiler={{{profiler}, dirpath: {tmp_path}}}"]
    run(config(*words), tmp_path / "run")
    assert [int(row["step"]) for row in rows(tmp_path / "run")] == [1, 2, 3]  # of two batches an epoch
    assert "run_training_batch" in (tmp_path / "fit-times.txt").read_text()


def test_overfitting_sees_the_same_patches_again(config: Config, tmp_path: Path) -> None:
    run(config("debug=overfit", "trainer.max_epochs=12", "optimizer.lr=0.01"), tmp_path / "run")
    losses = [float(row["train/loss"]) for row in rows(tmp_path / "run")]
    assert all(later < before for before, later in pairwise(losses[2:]))


def test_early_stopping_ends_the_run(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=early_stopping", "callbacks.early_stopping.patience=1")
    run(config(*words, "callbacks.early_stopping.min_delta=1", "trainer.max_epochs=9"), tmp_path / "run")
    assert len(rows(tmp_path / "run")) == 2


def test_learning_rate_finder_sets_the_rate(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=lr_finder", "callbacks.lr_finder.num_training_steps=20", "scheduler=none")
    words += ("data.patches_per_epoch=80", "optimizer.lr=0.5")
    began = time.monotonic()
    run(config(*words, "trainer.max_epochs=1"), tmp_path / "run")
    assert 1e-6 <= float(rows(tmp_path / "run")[0]["lr"]) <= 0.1
    assert float(rows(tmp_path / "run")[0]["seconds"]) <= time.monotonic() - began
    run(config(*words, "trainer.max_epochs=2", "resume=true"), tmp_path / "run")  # and keeps it
    assert [row["step"] for row in rows(tmp_path / "run")] == ["20", "40"]
    assert len({row["lr"] for row in rows(tmp_path / "run")}) == 1


def test_learning_rate_finder_keeps_the_rates_of_groups(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=lr_finder", "optimizer.groups={encoder.*: {lr: 0}}", "optimizer.lr=0.5")
    with pytest.raises(InputError, match=r"callbacks\.lr_finder: .* Got optimizer\.groups with 0, 0\.5"):
        run(config(*words), tmp_path / "run")


def test_plateau_lowers_the_rate_and_steps_count(config: Config, tmp_path: Path) -> None:
    words = ("scheduler=plateau", "scheduler.patience=0", "scheduler.threshold=1", "optimizer.lr=1e-4")
    run(config(*words, "trainer.max_epochs=3"), tmp_path / "plateau")
    rates = [float(row["lr"]) for row in rows(tmp_path / "plateau")]
    assert rates == [1e-4, 1e-4, 5e-5]
    words = ("scheduler=exponential", "scheduler.interval=step", "scheduler.gamma=0.1", "optimizer.lr=1e-4")
    run(config(*words, "trainer.max_epochs=2"), tmp_path / "step")
    assert [float(row["lr"]) for row in rows(tmp_path / "step")] == pytest.approx([1e-5, 1e-7])


def test_history_has_the_largest_rate_of_the_groups(config: Config, tmp_path: Path) -> None:
    words = ("optimizer.groups={encoder.*: {lr: 1e-5}}", "optimizer.lr=0", "scheduler=none")
    run(config(*words, "trainer.max_epochs=1"), tmp_path / "run")
    assert [float(row["lr"]) for row in rows(tmp_path / "run")] == [1e-5]


def test_several_loggers_at_once(config: Config, tmp_path: Path) -> None:
    run(config("logger=[csv,tensorboard]", "trainer.max_epochs=1"), tmp_path / "run")
    assert "val/mef_ssim" in (tmp_path / "run" / "csv" / "metrics.csv").read_text()
    assert list((tmp_path / "run" / "tensorboard").glob("events*"))


@pytest.mark.parametrize("preset", ["fdr", "limit", "profile"])
def test_debug_presets_run(preset: str, config: Config, tmp_path: Path) -> None:
    run(config(f"debug={preset}", "trainer.max_epochs=1"), tmp_path / "run")
    assert len(rows(tmp_path / "run")) == 1
    assert (tmp_path / "run" / "checkpoints").exists() == (preset != "fdr")


def test_settings_that_do_not_go_together_are_told_in_one_line(config: Config, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="DeviceStatsMonitor"):
        run(config("callbacks=device_stats"), tmp_path / "run")


def test_groups_are_of_the_names_in_the_network(config: Config, tmp_path: Path) -> None:
    module = build_module(config("optimizer.groups={encoder.*: {lr: 1e-5}, *.bias: {weight_decay: 0.1}}"))
    groups = module.configure_optimizers()["optimizer"].param_groups  # type: ignore[index, call-overload]
    assert [group["name"] for group in groups] == ["others", "encoder.*", "*.bias"]
    assert [group["lr"] for group in groups] == [2e-3, 1e-5, 2e-3]
    assert len(groups[1]["params"]) == len(list(module.fusion.fuser.encoder.parameters()))  # type: ignore[union-attr]


def test_device_stats_go_to_the_logger(config: Config, tmp_path: Path) -> None:
    words = ("callbacks=device_stats", "callbacks.device_stats.cpu_stats=true", "logger=csv")
    run(config(*words, "trainer.max_epochs=1", "trainer.log_every_n_steps=1"), tmp_path / "run")
    assert "cpu_percent" in (tmp_path / "run" / "csv" / "metrics.csv").read_text()


def checkpoint(config: dict[str, Any], path: Path) -> str:
    """A file of the network that a run of these settings begins with, its weights moved by one."""
    fusion = build_fusion(recipe_of(config))
    state = {f"fusion.{name}": value + 1 for name, value in fusion.state_dict().items()}
    torch.save({"fusion": recipe_of(config), "state_dict": state}, path)
    return str(path)


def test_start_from_takes_a_part_of_the_network(config: Config, tmp_path: Path) -> None:
    part = checkpoint(config("model=brightness", "model.features=3"), tmp_path / "part.ckpt")
    begun = build_start(
        config("model=bandnet", "model.brightness=3", "blending=multiband", f"start_from={part}")
    )
    weights, trained = begun.fuser.state_dict(), torch.load(part, weights_only=True)["state_dict"]
    assert len(trained) == 8
    for name, weight in trained.items():
        assert torch.equal(weights.pop(name.removeprefix("fusion.fuser.")), weight)
    assert weights and not weights["head.1.weight"].any()  # as it is born


@pytest.mark.parametrize(
    ("trained", "difference"),
    [
        (("model=bandnet", "model.brightness=0"), "brightness.head.bias is missing, not 1"),
        (("model=brightness", "model.features=4"), "brightness.head.weight is 1x4x1x1, not 1x3x1x1"),
        (("model=vgg_small",), "missing"),
    ],
)
def test_start_from_refuses_what_is_no_part(
    trained: tuple[str, ...], difference: str, config: Config, tmp_path: Path
) -> None:
    other = checkpoint(config(*trained), tmp_path / "other.ckpt")
    with pytest.raises(InputError, match=f"start_from: Expected the weights of BandNet .*{difference}"):
        build_start(config("model=bandnet", "model.brightness=3", f"start_from={other}"))
