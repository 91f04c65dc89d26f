"""The installed package works without its checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

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
