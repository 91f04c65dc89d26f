"""The installed package works without its checkout."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from hdr_lightning import __version__

CHECKOUT = Path(__file__).parents[1]


def test_wheel_carries_configuration_pages_and_weights(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(installed)
    elsewhere.mkdir()

    def shown(command: list[str], cwd: Path, path: Path) -> str:
        environment = os.environ | {"PYTHONPATH": str(path)}
        result = subprocess.run(
            [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=True
        )
        return result.stdout

    path = f"import sys; sys.path.insert(0, {str(installed)!r}); "
    start = path + "from hdr_lightning.config import CONF; from hdr_lightning.commands.train import main; "
    assert Path(shown(["-c", start + "print(CONF)"], elsewhere, installed).strip()).is_relative_to(installed)
    arguments = ["experiment=paper", "loss.gamma=grad", "--cfg", "job"]
    from_wheel = shown(["-c", start + "main()", *arguments], elsewhere, installed)
    assert from_wheel == shown([str(CHECKOUT / "train.py"), *arguments], CHECKOUT, CHECKOUT)
    assert "grad" in from_wheel
    weights = Path("hdr_lightning", "weights", "bandnet.safetensors")
    assert (installed / weights).read_bytes() == (CHECKOUT / weights).read_bytes()
    assert {file.name for file in (installed / "hdr_lightning" / "pages" / "web").iterdir()} >= {
        "page.html",
        "style.css",
    }


@pytest.mark.slow
def test_sdist_and_wheel_install_and_fuse(tmp_path: Path, exposures: list[Path]) -> None:
    """`python -m build` packs the sdist and makes the wheel out of it; what each installs fuses the same."""
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "dist")]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=300)
    fused = []
    for package in sorted((tmp_path / "dist").iterdir()):
        target = tmp_path / package.name.removeprefix("hdr_lightning-")
        install = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation"]
        install += ["--disable-pip-version-check", "--target", str(target), str(package)]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
        result = target / "fused.png"
        command = [sys.executable, str(target / "bin" / "hdr-fuse"), *map(str, exposures), "-o", str(result)]
        environment = os.environ | {"PYTHONPATH": str(target)}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=300)
        fused.append(result.read_bytes())
    assert len(fused) == 2 and fused[0] == fused[1]


@pytest.fixture
def exposures(tmp_path: Path) -> list[Path]:
    """A dark and a bright picture of the same noise."""
    noise = np.random.default_rng(0).random((48, 64, 3))
    files = [tmp_path / "under.png", tmp_path / "over.png"]
    for file, exposure in zip(files, (0.4, 2.0), strict=True):
        Image.fromarray((255 * np.clip(exposure * noise, 0, 1)).astype(np.uint8)).save(file)
    return files


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    assert project["version"] == __version__ == citation["version"]
    assert f"## {__version__}" in (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
