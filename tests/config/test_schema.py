"""The types of the configuration, against the files that give it values."""

from types import SimpleNamespace

import pytest
import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import ConfigCompositionException

from hdr_lightning.config import CONF, schema
from hdr_lightning.config.choices import GROUP_CHOICES
from hdr_lightning.errors import InputError


def composed(*words: str) -> dict:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return schema.plain(compose("train", list(words)))


def test_every_type_of_a_choice_is_that_of_a_file() -> None:
    named = set()
    for file in CONF.glob("*/*.yaml"):
        for default in (yaml.safe_load(file.read_text()) or {}).get("defaults", []):
            if isinstance(default, dict):
                named |= {value for key, value in default.items() if key.startswith("/schema@")}
    # Data sets and the trainer have one type for all files.
    assert named - {"Data", "Trainer"} == {choice.__name__ for choice in GROUP_CHOICES}


def test_plain_configuration_is_of_plain_types() -> None:
    config = composed("model=vgg", "optimizer=adam")
    assert config["model"]["inputs"] == "shared" and config["optimizer"]["betas"] == [0.9, 0.999]
    assert yaml.safe_load(yaml.safe_dump(config)) == config


def test_wrong_type_and_unread_key_are_refused() -> None:
    with pytest.raises(ConfigCompositionException, match="seed=one"):
        composed("seed=one")
    with pytest.raises(InputError, match=r"optimizer\.lrr: .* did you mean lr\?"):
        composed("+optimizer.lrr=1")


def test_choices_are_named_by_the_key_that_they_fill() -> None:
    chosen = {"model": "vgg", "logger": ["wandb", "csv"], "hydra/launcher": "basic", "debug": None}
    hydra = SimpleNamespace(runtime=SimpleNamespace(choices=chosen))
    assert schema.choices(hydra, {}) == {"model": "vgg", "logger": "wandb+csv"}


def test_target_of_ones_own_is_named_by_its_path() -> None:
    config = {"model": {"_target_": "vgg.VGG"}, "loss": {"weight": 2, "gamma": {"_target_": "my.Gamma"}}}
    hydra = SimpleNamespace(runtime=SimpleNamespace(choices={"model": "vgg", "loss": "mine"}))
    assert schema.choices(hydra, config) == {"model": "vgg", "loss": "mine", "loss.gamma": "my.Gamma"}


def test_first_try_leaves_no_log() -> None:
    assert composed("debug=fdr")["logger"] == {}
