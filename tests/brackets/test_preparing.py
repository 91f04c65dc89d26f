from pathlib import Path

import pytest

from hdr_lightning.brackets.options import parse
from hdr_lightning.brackets.preparing import prepared, print_methods
from hdr_lightning.errors import InputError
from hdr_lightning.networks.method import FUSERS


def test_label_says_what_fuses() -> None:
    label, fusion = prepared(parse(["a.jpg", "--method", "mertens", "--blend", "weighted_sum"]))
    assert label == "mertens+weighted_sum" and type(fusion.blending).__name__ == "WeightedSum"
    assert fusion.deghost is not None  # auto
    label, fusion = prepared(parse(["a.jpg", "--method", "average", "--deghost", "off", "--shadows", "0.5"]))
    assert label.startswith("average+weighted_sum, ") and "shadows" in label and fusion.deghost is None


def test_option_counts_more_than_the_word_of_a_method() -> None:
    label, fusion = prepared(parse(["a.jpg", "--method", "average+deghost:0.2", "--deghost", "off"]))
    assert (label, fusion.deghost) == ("average+weighted_sum", None)
    _, fusion = prepared(parse(["a.jpg", "--method", "average+deghost:0.2"]))
    assert fusion.deghost is not None and fusion.deghost.sensitivity == 0.2


def test_checkpoint_that_is_no_file_is_named() -> None:
    with pytest.raises(InputError, match=r"Expected a checkpoint\. Got nowhere\.ckpt"):
        prepared(parse(["a.jpg", "--checkpoint", str(Path("nowhere.ckpt"))]))


def test_every_method_is_listed_with_its_blending(capsys: pytest.CaptureFixture[str]) -> None:
    print_methods()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(FUSERS)]] == list(FUSERS)
    assert all("Blending: " in line for line in lines[: len(FUSERS)])
    about = [line.split(maxsplit=1)[1].split(". Blending")[0] for line in lines[: len(FUSERS)]]
    assert len(set(about)) == len(FUSERS)  # so that one can choose
