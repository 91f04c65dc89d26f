import pytest

from hdr_lightning.config.words import without_defaults


@pytest.mark.parametrize(
    ("words", "added"),
    [
        (["model._target_=my.Net", "model.width=3"], ["model=[]"]),
        (["-m", "model._target_=my.A,my.B"], ["model=[]"]),
        (["+loss.gamma._target_=my.Gamma", "loss=weighted_ssim"], ["loss.gamma=[]"]),
        (["loss._target_=my.Loss", "optimizer._target_=my.SGD"], ["loss=[]", "optimizer=[]"]),
        (["model=vgg", "model._target_=my.Net"], []),
        (["trainer._target_=my.Trainer", "model.width=3"], []),
    ],
)
def test_target_without_a_choice_has_none(words: list[str], added: list[str]) -> None:
    assert without_defaults(words) == [*words, *added]
