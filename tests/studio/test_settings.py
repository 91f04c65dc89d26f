"""Settings of the page are options of hdr-fuse, and the line that is shown means the same to a shell."""

import shlex
from typing import Any

import pytest

from hdr_lightning.brackets.options import parse
from hdr_lightning.errors import InputError
from hdr_lightning.studio.settings import FILE, LOOK, MANY, command_line, result_name, suffix_of, words_of

EVERY = (*LOOK, *FILE, *MANY)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ""),
        ({"method": "bandnet", "brightness": 0, "align": "auto", "quality": 95, "hdr": False}, ""),
        ({"method": "mertens", "brightness": -0.25}, "--method mertens --brightness -0.25"),
        ({"drop_unaligned": True, "reference": 2}, "--reference 2 --drop-unaligned"),
        ({"checkpoint": "a b.ckpt", "refine": "30"}, "--checkpoint 'a b.ckpt' --refine 30"),
        ({"format": "tif", "bits": 16, "deghost": "0.75"}, "--deghost 0.75 --format tif --bits 16"),
        ({"jobs": "auto", "force": True, "shadows": 1}, "--shadows 1 --jobs auto --force"),
    ],
    ids=str,
)
def test_settings_become_words(settings: dict[str, Any], words: str) -> None:
    found = words_of(settings, EVERY)
    assert shlex.join(found) == words
    options = vars(parse(found))
    usual = vars(parse([]))
    kinds = {
        "reference": int,
        "bits": int,
        "checkpoint": str,
        "jobs": lambda value: {0: "auto"}.get(value, value),
    }
    for name, value in settings.items():
        assert kinds.get(name, type(value))(options[name]) == value
    assert {name: value for name, value in options.items() if name not in settings} == {
        name: value for name, value in usual.items() if name not in settings
    }


def test_only_the_options_asked_for() -> None:
    assert words_of({"method": "mertens", "format": "png"}, LOOK) == ["--method", "mertens"]
    assert words_of({"method": "mertens", "format": "png"}, FILE) == ["--format", "png"]


@pytest.mark.parametrize("name", ["weights_out", "ghosts_out", "output", "cluster", "inputs", "sheet", "x"])
def test_options_that_write_elsewhere_are_no_settings(name: str) -> None:
    with pytest.raises(InputError, match=f"{name}: Expected a setting of the page"):
        words_of({name: "/tmp"})


def test_a_method_and_a_network_are_one_too_many() -> None:
    with pytest.raises(InputError, match="not allowed with"):
        words_of({"method": "mertens", "checkpoint": "x.ckpt"})


def test_shown_line_survives_a_shell() -> None:
    names = ["a b.jpg", "-x.jpg", "it's.jpg", "$(rm).jpg"]
    line = command_line(names, "out put.jpg", ["--brightness", "-0.5"])
    program, *words = shlex.split(line)
    options = parse(words)
    assert program == "hdr-fuse" and options.inputs == ["a b.jpg", "./-x.jpg", "it's.jpg", "$(rm).jpg"]
    assert (options.output, options.brightness) == ("out put.jpg", -0.5)


def test_name_of_the_result() -> None:
    assert result_name("card/IMG_1", suffix_of({"format": "tif"})) == "IMG_1_fused.tif"
    assert result_name("IMG_1", suffix_of({})) == "IMG_1_fused.jpg"
