"""Runs whose last checkpoint cannot be continued: it is named, with what can be used instead."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.training.experiment import run
from hdr_lightning.training.resume import finished_before

Config = Callable[..., dict[str, Any]]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def change(**values: Any) -> Callable[[Path], None]:
    def changed(file: Path) -> None:
        held = torch.load(file, weights_only=True) | values
        torch.save({key: value for key, value in held.items() if value is not None}, file)

    return changed


OTHER = {"fusion.fuser.head.bias": torch.zeros(1)}
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda file: file.write_bytes(b""), "damaged or foreign"),
    "cut": (cut, "damaged or foreign"),
    "one bit": (flip, "wrong checksum"),
    "other network": (change(state_dict=OTHER), "weights of"),
    "no state": (change(optimizer_states=None), "optimizer_states is missing"),
}


def test_damaged_last_checkpoint_is_named_with_the_one_to_use(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    # the second epoch worsens the network, so that the best checkpoint is that of the first
    first = run(config("optimizer.lr=0.5", "trainer.max_epochs=2"), folder)
    checkpoints = folder / "checkpoints"
    again = config("optimizer.lr=0.5", "trainer.max_epochs=3", "resume=true")
    for damage, (harm, reason) in DAMAGES.items():
        shutil.copytree(checkpoints, tmp_path / damage)
        harm(checkpoints / "last.ckpt")
        harmed = (checkpoints / "last.ckpt").read_bytes()
        with pytest.raises(InputError, match=rf"last\.ckpt: Expected .*{reason}") as error:
            run(again, folder)
        assert "Copy best.ckpt, of epoch " in str(error.value)
        assert len(str(error.value).splitlines()) == 1
        assert (checkpoints / "last.ckpt").read_bytes() == harmed
        shutil.rmtree(checkpoints)
        shutil.copytree(tmp_path / damage, checkpoints)

    cut(checkpoints / "last.ckpt")
    shutil.copy(checkpoints / "best.ckpt", checkpoints / "last.ckpt")
    assert run(again, folder) >= first
    assert yaml.safe_load((folder / "run.yaml").read_text())["state"] == "finished"


def test_run_in_a_folder_that_was_moved_keeps_its_best(config: Config, tmp_path: Path) -> None:
    best = run(config(), tmp_path / "run")
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    assert run(config("resume=true", "trainer.limit_test_batches=1"), moved) == best
    assert not (tmp_path / "run").exists()


def test_average_of_the_weights_is_not_dropped(config: Config, tmp_path: Path) -> None:
    run(config("callbacks=ema", "trainer.max_epochs=1"), tmp_path / "run")
    with pytest.raises(InputError, match=r"Expected callbacks=ema or another .*last\.ckpt is of\. Got early"):
        run(config("callbacks=early_stopping", "resume=true"), tmp_path / "run")


def test_no_checkpoint_to_use_is_told(config: Config, tmp_path: Path) -> None:
    run(config("trainer.max_epochs=1"), tmp_path / "run")
    for file in (tmp_path / "run" / "checkpoints").iterdir():
        cut(file)
    with pytest.raises(InputError, match=r"No other checkpoint .*: begin again in another run_dir"):
        run(config("trainer.max_epochs=2", "resume=true"), tmp_path / "run")


@pytest.mark.parametrize("name", ["run.yaml", "config.yaml"])
def test_record_that_cannot_be_read_is_named(config: Config, tmp_path: Path, name: str) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "checkpoints" / "last.ckpt").touch()
    (tmp_path / "run" / "run.yaml").write_text("state: running\n")
    (tmp_path / "run" / name).write_text("a: [1\nb: }")
    with pytest.raises(InputError, match=name) as error:
        run(config("resume=true"), tmp_path / "run")
    assert len(str(error.value).splitlines()) == 1


def test_other_settings_are_told_by_the_keys_that_differ(config: Config, tmp_path: Path) -> None:
    run(config("trainer.max_epochs=1"), tmp_path)
    with pytest.raises(InputError) as error:
        run(config("data.patch_size=40", "optimizer.lr=0.5", "resume=true", "data.cache_gb=9"), tmp_path)
    assert str(error.value) == (
        f"resume=true: Expected data.patch_size=48, optimizer.lr=0.002 as in {tmp_path}/config.yaml. "
        "Got data.patch_size=40, optimizer.lr=0.5"
    )
    with pytest.raises(InputError, match=r"Expected scheduler\.\S+=.* Got .*scheduler={}"):
        run(config("scheduler=none", "resume=true"), tmp_path)
    with pytest.raises(InputError, match=r", and \d+ further ones as in \S+\. Got ") as error:
        run(config("model=bandnet", "loss=mef_ssim", "resume=true"), tmp_path)
    assert len(str(error.value)) < 700


def test_run_of_an_older_version_continues_and_says_from_where(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(config("trainer.max_epochs=1"), tmp_path)
    assert "Continues" not in capsys.readouterr().out
    settings = yaml.safe_load((tmp_path / "config.yaml").read_text())
    for key in ("interval", "frequency", "monitor"):
        del settings["scheduler"][key]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    run(config("trainer.max_epochs=2", "resume=true"), tmp_path)
    told = f"Continues after 2 steps, in epoch 0, from {tmp_path}/checkpoints/last.ckpt\n"
    assert told in capsys.readouterr().out


def test_run_of_one_batch_an_epoch_has_not_finished_one_of_all(config: Config, tmp_path: Path) -> None:
    before = config("trainer.limit_train_batches=1")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(before))
    (tmp_path / "run.yaml").write_text("state: finished\n")
    assert finished_before(tmp_path, before) == {"state": "finished"}
    assert finished_before(tmp_path, config("trainer.limit_train_batches=1.0")) is None


def test_best_network_is_not_trained_over_where_the_last_one_is_gone(config: Config, tmp_path: Path) -> None:
    best = run(config("trainer.max_epochs=2"), tmp_path / "run")
    checkpoints = tmp_path / "run" / "checkpoints"
    (checkpoints / "last.ckpt").unlink()
    kept = (checkpoints / "best.ckpt").read_bytes()
    with pytest.raises(InputError, match=r"Expected a folder without a run\. Got checkpoints"):
        run(config("seed=1"), tmp_path / "run")
    assert (checkpoints / "best.ckpt").read_bytes() == kept
    assert run(config("trainer.max_epochs=3", "resume=true"), tmp_path / "run") >= best
    assert (checkpoints / "last.ckpt").exists()
