import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.contestants import contestants
from hdr_lightning.evaluation.enfuse import Enfuse
from hdr_lightning.evaluation.scoring import evaluate

installed = pytest.mark.skipif(shutil.which("enfuse") is None, reason="needs the program enfuse")


def fake(folder: Path, monkeypatch, code: str) -> None:
    """A program named enfuse that runs Python, alone on the path."""
    program = folder / "enfuse"
    program.write_text(f"#!{sys.executable}\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@installed
@pytest.mark.parametrize(("count", "height", "width"), [(2, 48, 64), (30, 33, 47), (3, 1, 5)])
def test_image_is_what_the_program_makes_of_the_files(tmp_path, count, height, width) -> None:
    pixels = np.random.default_rng(count).integers(0, 256, (count, height, width, 3), dtype=np.uint8)
    for number, exposure in enumerate(pixels):
        Image.fromarray(exposure).save(tmp_path / f"{number}.png")
    files = [f"{number}.png" for number in range(count)]
    subprocess.run(["enfuse", "-o", "all.png", *files], cwd=tmp_path, check=True, capture_output=True)
    expected = np.asarray(Image.open(tmp_path / "all.png").convert("RGB"))
    exposures = torch.from_numpy(pixels).permute(0, 3, 1, 2)[None] / 255
    image, costs = Enfuse().image("scene", exposures)
    assert image.shape == (1, 3, height, width)
    assert np.abs(image[0].permute(1, 2, 0).numpy() * 255 - expected).max() < 1.5  # from 16 bits, not from 8
    assert costs["seconds"] > 0
    assert costs["outside"] is costs["memory_mb"] is None


@installed
def test_takes_part_by_its_name(settings, rows, tmp_path) -> None:
    assert evaluate(settings("methods=[average,enfuse]")) == []
    assert len([row for row in rows(tmp_path / "out") if row["method"] == "enfuse"]) == 8


def test_where_it_is_missing_one_line_says_what_to_install(settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"^methods: Expected the program enfuse .*apt install"):
        evaluate(settings("methods=[average,enfuse]"))
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs programs that are text")
def test_what_it_says_of_a_failure_is_told_in_one_line(settings, tmp_path, monkeypatch) -> None:
    code = "import sys; '--version' in sys.argv or sys.exit('enfuse: a note\\nenfuse: full\\n')"
    fake(tmp_path, monkeypatch, code)
    failures = evaluate(settings("methods=[average,enfuse]"))
    assert failures[0] == "scene_0, enfuse: Expected the program enfuse to end well. Got enfuse: full"
    assert len(failures) == 8


@pytest.mark.skipif(os.name == "nt", reason="needs programs that are text")
def test_another_version_is_another_method(tmp_path, monkeypatch) -> None:
    keys = []
    for version in ("4.2", "4.2", "4.3"):
        fake(tmp_path, monkeypatch, f"print({version!r})")
        keys.append(contestants(["enfuse"], ["s"], torch.device("cpu"))["enfuse"].key("s"))
    assert keys[0] == keys[1] != keys[2]
