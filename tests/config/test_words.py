import pytest

from hdr_lightning.config.words import with_custom


@pytest.mark.parametrize(
    ("words", "added"),
    [
        (["model._target_=my.Net", "model.width=3"], ["model=custom"]),
        (["-m", "model._target_=my.A,my.B"], ["model=custom"]),
        (["+loss.gamma._target_=my.Gamma", "loss=weighted_ssim"], ["loss.gamma=custom"]),
        (["loss._target_=my.Loss", "optimizer._target_=my.SGD"], ["loss=custom", "optimizer=custom"]),
        (["model=vgg", "model._target_=my.Net"], []),
        (["trainer._target_=my.Trainer", "model.width=3"], []),
    ],
)
def test_target_without_a_choice_is_custom(words: list[str], added: list[str]) -> None:
    assert with_custom(words) == [*words, *added]
