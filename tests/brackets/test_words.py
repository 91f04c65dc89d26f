import argparse
from collections.abc import Callable

import pytest

from hdr_lightning.brackets import words


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        (words.jobs, "auto", 0),
        (words.jobs, "3", 3),
        (words.grouping, "off", "off"),
        (words.grouping, "2", 2),
        (words.headroom, "4.5", 4.5),
        (words.slider, "-1", -1.0),
        (words.number, "auto", None),
        (words.number, "2", 2),
        (words.quality, "100", 100),
    ],
)
def test_words_mean_values(kind: Callable[[str], object], word: str, value: object) -> None:
    assert kind(word) == value


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (words.jobs, "0"),
        (words.jobs, "-1"),
        (words.grouping, "1"),
        (words.headroom, "0"),
        (words.headroom, "nan"),
        (words.headroom, "17"),
        (words.slider, "1.01"),
        (words.slider, "inf"),
        (words.number, "0"),
        (words.quality, "101"),
        (words.quality, "fine"),
    ],
)
def test_other_words_are_refused(kind: Callable[[str], object], word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^expected .*got {word!r}$"):
        kind(word)
