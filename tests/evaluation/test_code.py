"""What changes the hash of code and what does not, each seen by a process that has just begun."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.evaluation.code import of_code

NET = '''
"""A network of one's own."""
import mine.scale
from . import shapes
from .handed import Handed

class Net:
    """Says nothing."""

    def forward(self, x):  # quickly
        return mine.scale.FACTOR * shapes.halved(x) + Handed.OFFSET
'''
FILES = {
    "__init__": "",
    "net": NET,
    "scale": "FACTOR = 2\n",
    "shapes": "from hdr_lightning.errors import InputError\n\ndef halved(x):\n    return x / 2\n",
    "handed": "from mine.offset import Handed\n",
    "offset": "class Handed:\n    OFFSET = 0.5\n",
    "page": "TITLE = 'a page that no network imports'\n",
}
LONG_AGO = (1, 1)


@pytest.fixture
def hashed(tmp_path: Path) -> Callable[..., str]:
    """Writes modules and asks a fresh process for the hash of one of them."""

    def ask(module: str, files: dict[str, str], times: tuple[float, float] = LONG_AGO) -> str:
        for name, text in files.items():
            file = tmp_path / f"{name}.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
            os.utime(file, times)
        look = (
            f"import {module}; from hdr_lightning.evaluation.code import of_code; print(of_code({module!r}))"
        )
        command = [sys.executable, "-B", "-c", look]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return ask


def test_code_of_ones_own_package_counts_and_its_words_do_not(hashed: Callable[..., str]) -> None:
    def of_net(**changed: str) -> str:
        return hashed("mine.net", {f"mine/{name}": text for name, text in (FILES | changed).items()})

    first = of_net()
    assert of_net(page="TITLE = 'another'\n") == first
    words = NET.replace("Says nothing", "Says more").replace("quickly", "slowly").replace("\n\n", "\n\n\n")
    assert words != NET
    assert of_net(net=words) == first
    changes = {
        "net": NET.replace("+ Handed", "- Handed"),
        "scale": "FACTOR = 3\n",
        "shapes": FILES["shapes"].replace("x / 2", "x / 4"),
        "offset": FILES["offset"].replace("0.5", "0.25"),
    }
    assert len({first, *(of_net(**{name: text}) for name, text in changes.items())}) == 5


def test_a_module_beside_the_work_counts_too(hashed: Callable[..., str]) -> None:
    net = "from helper import FACTOR\n"
    assert hashed("net", {"helper": "FACTOR = 1\n", "net": net}) != hashed("net", {"helper": "FACTOR = 2\n"})


def test_code_that_was_edited_while_a_process_runs_is_never_the_same(hashed: Callable[..., str]) -> None:
    later = (2e9, 2e9)
    assert hashed("net", {"net": ""}, later) != hashed("net", {"net": ""}, later)
    assert hashed("net", {"net": ""}) == hashed("net", {"net": ""})


def test_only_the_version_of_what_is_installed_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = of_code("torch.nn")
    assert of_code("torch.nn") == before
    monkeypatch.setattr("hdr_lightning.evaluation.code._version", lambda package: "2")
    assert of_code("torch.nn") != before
