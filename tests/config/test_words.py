from argparse import ArgumentParser

import pytest
from hydra._internal.utils import get_args_parser

from hdr_lightning.config.words import arranged, parser_of_options


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("model._target_=my.Net model.width=3", "model._target_=my.Net model.width=3 model=[]"),
        ("-m model._target_=my.A,my.B", "-m model._target_=my.A,my.B model=[]"),
        (
            "+loss.gamma._target_=my.Gamma loss=weighted_ssim",
            "+loss.gamma._target_=my.Gamma loss=weighted_ssim loss.gamma=[]",
        ),
        (
            "loss._target_=my.Loss optimizer._target_=my.SGD",
            "loss._target_=my.Loss optimizer._target_=my.SGD loss=[] optimizer=[]",
        ),
        ("model=vgg model._target_=my.Net", "model=vgg model._target_=my.Net"),
        ("trainer._target_=my.Trainer model.width=3", "trainer._target_=my.Trainer model.width=3"),
    ],
)
def test_target_without_a_choice_has_none(words: str, expected: str) -> None:
    assert arranged(words.split()) == expected.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("seed=1 --cfg job model=vgg", "--cfg job seed=1 model=vgg"),
        ("seed=1 -cd=conf -m model=vgg,bandnet", "-cd=conf -m seed=1 model=vgg,bandnet"),
        ("~data.root -p model --cfg=job", "-p model --cfg=job ~data.root"),
        ("-sc install=bash", "-sc install=bash"),
    ],
)
def test_options_may_stand_between_overrides(words: str, expected: str) -> None:
    assert arranged(words.split()) == expected.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--nope", "--nope"),
        ("-m --cfg job", "one of --run"),
        ("--resolve", "--cfg or --help"),
        ("-c x", "job"),
    ],
)
def test_wrong_options_are_refused_in_two_lines(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        arranged(words.split())
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 2 and "see --help" in shown[0] and message in shown[1]


def test_options_are_those_of_hydra() -> None:
    def options(parser: ArgumentParser) -> set[tuple[object, ...]]:
        return {
            (
                tuple(action.option_strings),
                action.nargs if action.choices else None,
                tuple(action.choices or ()),
            )
            for action in parser._actions
        }

    assert options(parser_of_options()) == options(get_args_parser())
