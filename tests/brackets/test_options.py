import pytest

from hdr_lightning.brackets.options import parse, parser_of
from hdr_lightning.errors import InputError


def test_options_have_the_defaults_that_change_nothing() -> None:
    options = parse(["a.jpg", "b.jpg"])
    assert options.inputs == ["a.jpg", "b.jpg"] and options.output is None
    assert (options.brightness, options.highlights, options.shadows, options.saturation) == (0, 0, 0, 0)
    assert (options.align, options.deghost, options.jobs) == ("auto", "auto", 1)


def test_another_program_gets_an_error_and_no_exit() -> None:
    with pytest.raises(InputError, match="--shadows"):
        parse(["a.jpg", "--shadows", "2"])
    with pytest.raises(InputError, match="--nonsense"):
        parse(["a.jpg", "--nonsense"])


def test_short_help_is_a_part_of_the_whole() -> None:
    short, whole = parser_of().format_help(), parser_of(everything=True).format_help()
    assert "--ghosts-out" in whole and "--ghosts-out" not in short
    assert len(short.splitlines()) < len(whole.splitlines())
