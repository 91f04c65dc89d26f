import sys

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError

from hdr_lightning.config.one_line_errors import FULL, hydra_command, in_one_line
from hdr_lightning.errors import InputError


def test_nearest_choice_and_key_are_named() -> None:
    missing = MissingConfigException("Could not find 'model/vg'", "model/vg", ["bandnet", "vgg"])
    assert in_one_line(missing) == "Could not find 'model/vg'; did you mean vgg?"
    node = OmegaConf.create({"patch_size": 1}, flags={"struct": True})
    with pytest.raises(ConfigKeyError) as error:
        node["patchsize"]
    assert in_one_line(error.value).endswith("did you mean patch_size?")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["a=[x,", "y]", "b=1"], "around such a value: 'a=[x, y]'"),
        (["b=1", "a={x:", "1}"], "around such a value: 'a={x: 1}'"),
        (["a=[x, y;z]"], """around such a value: 'a=["x","y;z"]'"""),
        (["a=[2024] sea"], """around such a value: 'a="[2024] sea"'"""),
        (["a=[x=y"], "a list such as 'a=[a, b]', with quotes"),
    ],
)
def test_value_in_brackets_gets_a_hint(words: list[str], hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train", *words])
    with pytest.raises(OverrideParseException) as error:
        OverridesParser.create().parse_overrides(words)
    assert in_one_line(error.value).endswith(hint)


@pytest.mark.parametrize(
    "error", [OverrideParseException("a=b=c", "no viable\nalternative"), InputError("data.root: Expected x")]
)
def test_command_leaves_with_one_line(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train"])
    monkeypatch.delenv(FULL, raising=False)

    @hydra_command
    def main() -> None:
        raise error

    with pytest.raises(SystemExit, match=r"\Aerror: [^\n]+\Z"):
        main()


def test_who_asks_for_the_whole_error_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train"])
    monkeypatch.setenv(FULL, "1")

    @hydra_command
    def main() -> None:
        raise OverrideParseException("a=b=c", "no")

    with pytest.raises(OverrideParseException):
        main()
