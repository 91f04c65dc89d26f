import shlex
from pathlib import Path

import pytest

from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.options import parse
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.brackets.without_effect import without_effect

THREE = tuple(Path(f"{number}.jpg") for number in range(3))


def lines(words: str, suffix: str = ".jpg", files: tuple[Path, ...] = THREE, count: int = 1) -> list[str]:
    job = Job(Bracket("in", files), Path(f"out{suffix}"), suffix, None)
    return without_effect(parse(shlex.split(words)), [job] * count)


@pytest.mark.parametrize(
    ("words", "suffix", "line"),
    [
        ("--drop-unaligned --align never", ".jpg", "--drop-unaligned has no effect with --align never"),
        ("--drop-unaligned --wrap", ".jpg", "--drop-unaligned has no effect with --wrap"),
        (
            "--reference 2 --align never --deghost off",
            ".jpg",
            "--reference has no effect with --align never and --deghost off",
        ),
        ("--headroom 2", ".jpg", "--headroom has no effect without --hdr"),
        ("--quality 80", ".TIF", "--quality has no effect on TIF"),
        ("--quality 80", ".exr", "--quality has no effect on EXR"),
        ("--bits 16", ".exr", "--bits has no effect on linear light"),
        ("--highlights -0.5", ".hdr", "--highlights has no effect on linear light"),
        ("--method mertens", ".exr", "--method has no effect on linear light"),
        ("--refine 30", ".exr", "--refine has no effect on linear light"),
        ("--same-base", ".jpg", "--same-base has no effect on a single bracket"),
        ("--cluster local", ".jpg", "--cluster has no effect on a single bracket"),
    ],
)
def test_option_that_changes_nothing_is_named(words: str, suffix: str, line: str) -> None:
    assert lines(words, suffix) == [line]


def test_single_photograph_has_nothing_to_agree_with() -> None:
    words = "--align always --deghost 0.7 --reference 1"
    named = [line.split()[0] for line in lines(words, files=THREE[:1])]
    assert named == ["--align", "--deghost", "--reference"]


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        ("", ".jpg"),
        ("", ".exr"),
        ("--drop-unaligned", ".jpg"),
        ("--reference 2 --align never", ".jpg"),
        ("--headroom 2 --hdr", ".jpg"),
        ("--quality 80 --brightness 0.5", ".jxl"),
        ("--brightness 0.5 --method mertens --sheet page.html", ".exr"),
        ("--method mertens --weights-out weights", ".exr"),
        ("--deghost off --align never", ".exr"),
    ],
)
def test_nothing_is_said_of_what_counts(words: str, suffix: str) -> None:
    assert lines(words, suffix) == []


def test_several_brackets_have_a_base() -> None:
    assert lines("--same-base --cluster auto", count=2) == []
