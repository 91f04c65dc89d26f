import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from hdr_lightning.errors import InputError
from hdr_lightning.networks.checkpoints import build_fusion, load_fusion, save_fusion

RECIPE = {
    "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.03, "skips": False},
    "blending": {"_target_": "hdr_lightning.blending.MultiBand", "levels": 2},
}


def write(path: Path, **changes: Any) -> Path:
    torch.manual_seed(0)
    weights = {f"fusion.{name}": value for name, value in build_fusion(RECIPE).state_dict().items()}
    torch.save({"state_dict": weights, "fusion": RECIPE} | changes, path)
    return path


def test_network_is_rebuilt_from_the_file_alone(tmp_path: Path) -> None:
    fusion = load_fusion(write(tmp_path / "net.ckpt"))
    torch.manual_seed(0)
    original = build_fusion(RECIPE).eval()
    exposures = torch.rand(1, 3, 3, 20, 30)
    assert not fusion.training
    for rebuilt, expected in zip(fusion(exposures), original(exposures), strict=True):
        torch.testing.assert_close(rebuilt, expected)


def test_damaged_and_foreign_files_are_named(tmp_path: Path) -> None:
    whole = write(tmp_path / "net.ckpt")
    cut = tmp_path / "cut.ckpt"
    cut.write_bytes(whole.read_bytes()[:2000])
    text = tmp_path / "text.ckpt"
    text.write_text("not a checkpoint")
    torch.save({"state_dict": {}}, tmp_path / "foreign.ckpt")
    for name in ("cut", "text", "foreign", "missing"):
        with pytest.raises(InputError, match=rf"{name}\.ckpt: Expected a checkpoint"):
            load_fusion(tmp_path / f"{name}.ckpt")


def test_safetensors_hold_the_same_network(tmp_path: Path) -> None:
    checkpoint, exported = write(tmp_path / "net.ckpt"), tmp_path / "net.safetensors"
    save_fusion(checkpoint, exported)
    exposures = torch.rand(1, 3, 3, 20, 30)
    torch.testing.assert_close(load_fusion(exported)(exposures), load_fusion(checkpoint)(exposures))
    with safe_open(exported, framework="pt") as file:  # as another program reads it
        assert json.loads(file.metadata()["fusion"]) == RECIPE
        assert "fuser.head.weight" in file.keys()  # noqa: SIM118


def test_damaged_and_foreign_safetensors_are_named(tmp_path: Path) -> None:
    save_fusion(write(tmp_path / "net.ckpt"), tmp_path / "net.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "net.safetensors").read_bytes()[:2000])
    save_file({"weight": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    for name in ("cut", "foreign"):
        with pytest.raises(InputError, match=rf"{name}\.safetensors: Expected a checkpoint"):
            load_fusion(tmp_path / f"{name}.safetensors")
    with pytest.raises(InputError, match=r"writable place for .*net\.ckpt/net\.safetensors"):
        save_fusion(tmp_path / "net.ckpt", tmp_path / "net.ckpt" / "net.safetensors")


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    other = {"fuser": RECIPE["fuser"] | {"width": 0.06}, "blending": RECIPE["blending"]}
    with pytest.raises(InputError, match=r"net\.ckpt: Expected weights of"):
        load_fusion(write(tmp_path / "net.ckpt", fusion=other))


@pytest.mark.parametrize(
    ("fuser", "message"),
    [
        ({"_target_": "builtins.eval", "_args_": ["1/0"]}, "Expected a network"),
        ({"_target_": "os.system", "command": "touch harmed"}, "Expected a network"),
        ({"_target_": "pathlib.Path"}, "Expected a network class"),
        ({"_target_": "hdr_lightning.fusers.VGG", "wdith": 1}, "wdith"),
        (
            {
                "_target_": "hdr_lightning.fusers.VGG",
                "w": {"_target_": "os.mkdir", "path": "harmed"},
            },
            "unexpected keyword argument 'w'",
        ),
        (
            {
                "_target_": "hdr_lightning.fusers.VGG",
                "w": {"_target_": "builtins.open", "file": "harmed", "mode": "w"},
            },
            "unexpected keyword argument 'w'",
        ),
        ({"_target_": "hdr_lightning.fusers.VGG", "poolings": 9}, "model.poolings: Expected 0 to 4"),
    ],
)
def test_a_strangers_recipe_builds_networks_only(
    fuser: dict, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "net.ckpt", fusion={"fuser": fuser, "blending": RECIPE["blending"]})
    with pytest.raises(InputError, match=message):
        load_fusion(path)
    assert not (tmp_path / "harmed").exists()


def test_a_pickled_surprise_is_not_executed(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "fusion": Surprise(tmp_path / "harmed")}, tmp_path / "net.ckpt")
    with pytest.raises(InputError, match="damaged or foreign"):
        load_fusion(tmp_path / "net.ckpt")
    assert not (tmp_path / "harmed").exists()


class Surprise:
    """Creates a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_loading_imports_neither_hydra_nor_opencv_nor_lightning() -> None:
    code = (
        "import sys; from hdr_lightning.networks.checkpoints import SHIPPED as file, load_fusion; "
        "load_fusion(file); "
        "print(sorted({'hydra', 'omegaconf', 'cv2', 'lightning', 'kornia'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
