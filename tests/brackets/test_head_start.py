"""A preview by two processes is that of one, and what the second cannot do the first does and tells."""

import pickle
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.agreeing import agree
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.brackets.head_start import Begun, _received, head_start
from hdr_lightning.brackets.options import parse
from hdr_lightning.fusion.deghost import Deghost

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is begun before")
BEGIN = """
import pickle, sys, warnings
from pathlib import Path
from hdr_lightning.brackets.head_start import head_start
from hdr_lightning.brackets import head_start as place, remembered
from hdr_lightning.brackets.options import parse
from hdr_lightning.fusion.deghost import deghosting

def refuse(*_):
    raise AssertionError("it was begun before")

files = [Path(name) for name in ("1.jpg", "2.jpg")]
begun = head_start(parse(["1.jpg", "2.jpg", "--preview", "--deghost", "0.7"]))()
place.find_brackets = remembered.read_exposures = remembered.agree = refuse
found = begun.find(["1.jpg", "2.jpg"], sys.stdin, None)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    exposures = begun.read(files, 1280)
how = ["1.jpg", "2.jpg"], "auto", None, False, exposures.alphas
agreed = begun.together(exposures.photographs, deghosting("0.7"), *how)
assert "torch" not in sys.modules
told = [str(warning.message) for warning in told]
sys.stdout.buffer.write(pickle.dumps((found.brackets[0].files, exposures, agreed, told)))
"""
SEND = """
import sys, warnings
from hdr_lightning.brackets.head_start import head_start
from hdr_lightning.brackets import head_start as place
from hdr_lightning.brackets.options import parse

class Kept(UserWarning):
    def __reduce__(self):
        {how}

def find(*_):
    warnings.warn(Kept())

place.find_brackets = find
begun = head_start(parse(["1.jpg", "2.jpg", "--preview"]))()
assert "torch" not in sys.modules
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    begun.find(["1.jpg", "2.jpg"], sys.stdin, None)
assert len(told) == 1  # by this process
"""


@pytest.fixture
def bracket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two exposures larger than a screen, the second of which its EXIF turns another way."""
    monkeypatch.chdir(tmp_path)
    light = np.kron(np.random.default_rng(0).random((12, 18, 3)), np.ones((80, 80, 1)))
    exif = Image.Exif()
    for name, gain, orientation in (("1.jpg", 90, 1), ("2.jpg", 250, 3)):
        exif[274] = orientation
        Image.fromarray((gain * light).astype(np.uint8)).save(name, exif=exif, quality=95)
    return [Path("1.jpg"), Path("2.jpg")]


@only_linux
def test_what_was_begun_is_what_is_wanted(bracket: list[Path]) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", BEGIN], check=True, capture_output=True)
    files, exposures, agreed, told = pickle.loads(done.stdout)
    assert list(files) == bracket
    with pytest.warns(UserWarning, match="one orientation") as warned:
        expected = read_exposures(bracket, 1280)
    assert told == [str(warning.message) for warning in warned]
    together = agree(expected.photographs, Deghost(0.7), ["1.jpg", "2.jpg"])
    for one, other in (
        (exposures.photographs, expected.photographs),
        (agreed.photographs, together.photographs),
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(agreed.ghosts, together.ghosts)


@pytest.mark.parametrize("words", [["1.jpg", "2.jpg"], ["1.jpg", "--preview"], ["-", "--preview"]])
def test_nothing_is_begun_without_need(words: list[str]) -> None:
    assert "torch" in sys.modules
    assert head_start(parse(words)) is Begun


def test_process_that_died_has_begun_nothing(bracket: list[Path]) -> None:
    receiver, sender = Pipe(duplex=False)
    sender.close()
    with pytest.warns(UserWarning, match="one orientation"):
        assert len(_received(receiver).read(bracket, 64).photographs) == 2


@only_linux
@pytest.mark.parametrize("how", ["raise TypeError('it cannot be sent')", "return int, ('no number',)"])
def test_what_cannot_be_sent_is_done_again_without_a_word(bracket: list[Path], how: str) -> None:
    done = subprocess.run([sys.executable, "-c", SEND.format(how=how)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@only_linux
@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_command_gives_the_same_with_and_without(bracket: list[Path], broken: bool) -> None:
    if broken:
        bracket[1].write_bytes(bracket[1].read_bytes()[:2000])
    command = "import sys; {}from hdr_lightning.commands.fuse import main; main(sys.argv[1:])"
    ended = []
    for before in ("", "import torch; "):
        words = ["1.jpg", "2.jpg", "--preview", "-o", "out.png", "--force"]
        program = [sys.executable, "-W", "error", "-c", command.format(before), *words]
        done = subprocess.run(program, capture_output=True, text=True)
        result = Path("out.png").read_bytes() if not broken else b""
        ended.append((done.returncode, done.stderr, done.stdout.rpartition(", ")[0], result))
    assert ended[0] == ended[1]
    assert ended[0][0] == broken and ("2.jpg" in ended[0][1])
