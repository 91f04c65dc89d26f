"""Machines and containers that lack what libraries take for granted, and names that the disk cannot hold."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

LONG = "n" * 250
NAMELESS = """
import os, pathlib, pwd
def nobody(*_): raise KeyError("no such user")
pwd.getpwuid = nobody
import getpass, hdr_lightning.commands
print(pathlib.Path.home().is_dir() and os.access(pathlib.Path.home(), os.W_OK), getpass.getuser())
"""


def photographs(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    for name in names:
        Image.fromarray(pixels).save(folder / name)


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("backend", ["nonsense", "module://matplotlib_inline.backend_inline"])
def test_commands_do_not_need_the_backend_of_a_notebook(backend: str) -> None:
    code = "import sys; sys.modules['matplotlib_inline'] = None; "
    ended = python(code + "import hdr_lightning.commands, matplotlib.pyplot", MPLBACKEND=backend, HOME="/tmp")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("home", [{}, {"HOME": "/"}, {"HOME": "/nowhere"}], ids=str)
def test_user_without_a_name_and_a_home(home: dict[str, str], tmp_path: Path) -> None:
    ended = python(NAMELESS, TMPDIR=str(tmp_path), **home)
    assert ended.stdout == f"True user-{os.getuid()}\n", ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("fuse", f"{LONG}.jpg", "b.jpg"),
        ("fuse", "a.jpg", "b.jpg", "-o", f"{LONG}{LONG}.png"),
        ("fuse", "a.jpg", "b.jpg", "-o", "c.png", "--method", LONG + LONG),
        ("compare", LONG + LONG),
        ("train", "data=folder", f"data.root={LONG}{LONG}"),
        ("evaluate", f"methods=[{LONG}{LONG}]", "output=out"),
    ],
    ids=lambda words: words[0],
)
def test_names_that_are_too_long(refused: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    photographs(tmp_path, "a.jpg", "b.jpg", f"{LONG}.jpg")
    refused(*words, names=("length that the disk can hold", LONG))


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("data.root=数据", """'data.root="数据"'"""),
        ("data.root=d/数据 x", """'data.root="d/数据 x"'"""),
        ('data.root=a"b', """'data.root="a\\"b"'"""),
        ("data.root=[2024] sea", """'data.root="[2024] sea"'"""),
    ],
)
def test_values_that_need_quotes(refused: Any, word: str, quoted: str) -> None:
    refused("train", word, names=f"{word}: Expected quotes around such a value: {quoted}")
