import pytest

from hdr_lightning.config.words import without_defaults


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("model._target_=my.Net model.width=3", "model._target_=my.Net model=[] model.width=3"),
        ("-m model._target_=my.A,my.B", "-m model._target_=my.A,my.B model=[]"),
        (
            "+loss.gamma._target_=my.Gamma loss=weighted_ssim",
            "+loss.gamma._target_=my.Gamma loss.gamma=[] loss=weighted_ssim",
        ),
        (
            "loss._target_=my.Loss optimizer._target_=my.SGD",
            "loss._target_=my.Loss loss=[] optimizer._target_=my.SGD optimizer=[]",
        ),
        ("model=vgg model._target_=my.Net", "model=vgg model._target_=my.Net"),
        ("trainer._target_=my.Trainer model.width=3", "trainer._target_=my.Trainer model.width=3"),
        ("model._target_=my.Net --cfg job", "model._target_=my.Net model=[] --cfg job"),
    ],
)
def test_target_without_a_choice_has_none(words: str, expected: str) -> None:
    assert without_defaults(words.split()) == expected.split()
