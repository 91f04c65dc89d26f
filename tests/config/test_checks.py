"""Which keys a configuration may have, and what is said of the others."""

from collections.abc import Callable
from typing import Any

import pytest

from hdr_lightning.errors import InputError

Config = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("word", "key", "value"),
    [
        ("+trainer.overfit_batches=2", "trainer.overfit_batches", 2),
        ("trainer.val_check_interval=0.5", "trainer.val_check_interval", 0.5),
        ("trainer.gradient_clip_algorithm=value", "trainer.gradient_clip_algorithm", "value"),
        ("trainer.inference_mode=false", "trainer.inference_mode", False),
        ("+optimizer.amsgrad=true", "optimizer.amsgrad", True),
        ("scheduler.last_epoch=3", "scheduler.last_epoch", 3),
    ],
)
def test_what_a_target_takes_is_accepted(config: Config, word: str, key: str, value: Any) -> None:
    found: Any = config(word)
    for name in key.split("."):
        found = found[name]
    assert found == value


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("trainer.overfit_batch=2", r"trainer\.overfit_batch: .*did you mean overfit_batches\?"),
        ("+optimizer.amsgrd=true", r"optimizer\.amsgrd: .*did you mean amsgrad\?"),
        ("+trainer.callbacks=[]", r"trainer\.callbacks: Expected the key callbacks"),
        ("model._target_=torch.nn.Conv2d", r"model\._target_: Expected model=\[\] beside it"),
        ("+modell=vgg", r"modell: .*did you mean model\?"),
        ("+data.patchsize=3", r"data\.patchsize: .*did you mean patch_size\?"),
    ],
)
def test_what_nothing_reads_is_told_with_the_nearest_name(config: Config, word: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        config(word)


def test_logger_settings_go_to_those_that_take_them(config: Config) -> None:
    words = ("logger=[wandb,csv]", "+logger.entity=me", "logger.save_dir=x", "logger.csv.prefix=p")
    loggers = config(*words)["logger"]
    assert list(loggers) == ["wandb", "csv"]
    assert loggers["wandb"]["entity"] == "me" and "entity" not in loggers["csv"]
    assert loggers["wandb"]["save_dir"] == loggers["csv"]["save_dir"] == "x"
    with pytest.raises(InputError, match=r"logger\.projct: .*did you mean project\?"):
        config("logger=wandb", "logger.projct=x")


def test_target_of_ones_own_has_its_own_settings_only(config: Config) -> None:
    optimizer = config("optimizer=[]", "optimizer._target_=torch.optim.RAdam", "optimizer.lr=0.1")
    assert optimizer["optimizer"] == {"_target_": "torch.optim.RAdam", "lr": 0.1}
    with pytest.raises(InputError, match=r"optimizer\._target_: Expected the dotted path"):
        config("optimizer=[]")


def test_gamma_of_ones_own_has_its_own_settings_only(config: Config) -> None:
    words = ("loss.gamma=[]", "loss.gamma._target_=hdr_lightning.gammas.CueGamma", "loss.gamma.floor=1e-3")
    assert config(*words)["loss"]["gamma"] == {"_target_": words[1].split("=")[1], "floor": 1e-3}


def test_schedule_of_ones_own(config: Config) -> None:
    target = "torch.optim.lr_scheduler.StepLR"
    words = (
        "scheduler=[]",
        f"scheduler._target_={target}",
        "scheduler.step_size=3",
        "scheduler.interval=step",
    )
    assert config(*words)["scheduler"] == {"_target_": target, "step_size": 3, "interval": "step"}
