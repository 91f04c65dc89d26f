"""The example package, installed by pip as strangers do, and every part of it used by the commands."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_part_of_the_example_package_is_used(brackets: Path, tmp_path: Path) -> None:
    installed, flat = tmp_path / "installed", tmp_path / "flat"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(installed), str(CHECKOUT / "examples" / "own_parts")], check=True)
    flat.mkdir()
    for file in brackets.glob("*/*.png"):
        file.rename(flat / f"{file.parent.name}_{file.name}")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), str(CHECKOUT)])}

    def shown(*words: str) -> str:
        command = [sys.executable, *words]
        result = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    train, evaluate = str(CHECKOUT / "train.py"), str(CHECKOUT / "evaluate.py")
    listed = dict(re.findall(r"^([\w.]+): (.+)$", shown(train, "--help"), re.MULTILINE))
    names = {"model": "tiny", "loss": "near_mean", "data": "flat", "blending": "sharpened"}
    for group, name in {**names, "loss.gamma": "laplacian"}.items():
        assert name in listed[group].split(", ")
    assert "midtones" in shown(evaluate, "--help")
    data = [f"data.root={flat}", "data.cache_dir=cache", "data.val_fraction=0.25", "data.test_fraction=0.25"]
    quick = ["data.patch_size=32", "data.patches=random", "data.patches_per_epoch=4", "data.batch_size=2"]
    own = ["hydra.searchpath=[pkg://own_parts.conf]", "experiment=own", "trainer=cpu", "logger=none"]
    shown(train, *own, *data, *quick, "trainer.max_epochs=1", "run_dir=run")
    methods = "methods=[midtones,variance+sharpened,run/checkpoints/best.ckpt]"
    shown(evaluate, "data=flat", f"data.root={flat}", "data.cache_dir=cache", methods, "output=out")
    with (tmp_path / "out" / "scores.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3 * 8 and all(0 < float(row["contrast"]) < 1 for row in rows)
    fuse = "from hdr_lightning.commands.fuse import main; main()"
    files = [str(flat / f"scene_0_{number}.png") for number in (1, 2)]
    told = shown("-c", fuse, *files, "--method", "midtones", "-o", "fused.png")
    assert "midtones+multiband" in told and (tmp_path / "fused.png").is_file()
    gamma = shown(train, "loss.gamma=laplacian", "--cfg", "job", "--package", "loss.gamma")
    assert "- laplacian" in gamma
