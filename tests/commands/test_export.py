"""The command `hdr-export` in a second process, and its file in `hdr-fuse`."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from hdr_lightning import fuse
from hdr_lightning.commands.export import SHIPPED, main
from hdr_lightning.networks.checkpoints import build_fusion, load_fusion
from hdr_lightning.networks.method import resolve

RECIPE = {
    "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.03},
    "blending": {"_target_": "hdr_lightning.blending.WeightedSum"},
}


def export(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "hdr_lightning.commands.export", *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_exported_network_fuses_as_its_checkpoint(tmp_path: Path) -> None:
    weights = {f"fusion.{name}": value for name, value in build_fusion(RECIPE).state_dict().items()}
    checkpoint = tmp_path / "best.ckpt"
    torch.save({"state_dict": weights, "fusion": RECIPE}, checkpoint)
    done = export(str(checkpoint))
    exported = tmp_path / "best.safetensors"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{exported}: ")
    images = list(np.random.default_rng(0).integers(0, 256, (2, 30, 40, 3), dtype=np.uint8))
    np.testing.assert_array_equal(fuse(images, str(exported)), fuse(images, str(checkpoint)))

    before = exported.read_bytes()
    again = export(str(checkpoint))
    assert again.returncode == 1 and "exists: --force overwrites it" in again.stderr
    wrong = export(str(checkpoint), "-o", str(tmp_path / "net.pt"))
    assert wrong.returncode == 1 and "*.safetensors or *.onnx" in wrong.stderr
    missing = export(str(tmp_path / "no.ckpt"))
    assert missing.returncode == 1 and missing.stderr.count("\n") == 1
    assert exported.read_bytes() == before


@pytest.mark.parametrize("name", SHIPPED)
def test_network_of_the_package_is_named_as_a_method(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main([name])
    (exported,) = tmp_path.iterdir()
    assert exported.name == SHIPPED[name]
    exposures = torch.rand(1, 2, 3, 40, 48, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(load_fusion(exported)(exposures).image, resolve(name)(exposures).image)
