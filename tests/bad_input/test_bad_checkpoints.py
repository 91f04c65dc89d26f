"""Files that are no networks, or others than they seem, given to every command that reads some."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save_file

from hdr_lightning.errors import InputError
from hdr_lightning.networks.checkpoints import RECIPE, build_fusion, load_fusion

VGG = {"_target_": "hdr_lightning.fusers.VGG", "width": 0.02}
BLENDING = {"_target_": "hdr_lightning.blending.WeightedSum"}
NETWORK = {"fuser": VGG, "blending": BLENDING}


class Code:
    """Makes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("harmed"),)


def weights(recipe: dict[str, Any] = NETWORK) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {f"fusion.{name}": value for name, value in build_fusion(recipe).state_dict().items()}


def written(**changes: Any) -> Callable[[Path], object]:
    return lambda path: torch.save({RECIPE: NETWORK, "state_dict": weights()} | changes, path)


def damaged(change: Callable[[bytearray], object]) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        written()(path)
        content = bytearray(path.read_bytes())
        change(content)
        path.write_bytes(content)

    return make


def cut(content: bytearray) -> None:
    del content[len(content) // 2 :]


def flip(content: bytearray) -> None:
    content[len(content) // 2] ^= 255


def as_folder(content: bytearray) -> None:
    """Mark the last entry as a folder, in the attributes before its offset and its name."""
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 38] |= 0x10


def changed(**changes: torch.Tensor | None) -> dict[str, Any]:
    names = {"head": "fusion.fuser.head.weight", "bias": "fusion.fuser.head.bias"}
    held = weights() | {names[key]: value for key, value in changes.items()}
    return {name: value for name, value in held.items() if value is not None}


def recipe(**changes: Any) -> Callable[[Path], object]:
    return written(**{RECIPE: NETWORK | changes})


def exported(metadata: dict[str, str], content: dict[str, torch.Tensor]) -> Callable[[Path], object]:
    return lambda path: save_file(content, path, metadata)


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


INF = torch.full((1, 1, 1, 1), torch.inf)
BAD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "missing": ("bad.ckpt", lambda path: None),
    "folder": ("bad.ckpt", Path.mkdir),
    "empty": ("bad.ckpt", Path.touch),
    "text": ("bad.ckpt", lambda path: path.write_text("no network\n")),
    "zip of something else": ("bad.ckpt", zipped),
    "cut": ("bad.ckpt", damaged(cut)),
    "one byte wrong": ("bad.ckpt", damaged(flip)),
    "entry marked as a folder": ("bad.ckpt", damaged(as_folder)),
    "plain pickle": ("bad.ckpt", lambda path: path.write_bytes(pickle.dumps({"state_dict": Code()}))),
    "code": ("bad.ckpt", written(callbacks=Code())),
    "code in the recipe": ("bad.ckpt", written(**{RECIPE: Code()})),
    "no network": ("bad.ckpt", lambda path: torch.save([1, 2], path)),
    "another project": ("bad.ckpt", lambda path: torch.save({"state_dict": weights(), "epoch": 3}, path)),
    "no recipe": ("bad.ckpt", written(**{RECIPE: None})),
    "empty recipe": ("bad.ckpt", written(**{RECIPE: {}})),
    "recipe of texts": ("bad.ckpt", written(**{RECIPE: {"fuser": "vgg", "blending": "sum"}})),
    "recipe of a function": ("bad.ckpt", recipe(fuser={"_target_": "os.system", "command": "touch harmed"})),
    "recipe of an unknown class": ("bad.ckpt", recipe(fuser={"_target_": "hdr_lightning.fusers.VGH"})),
    "unknown argument": ("bad.ckpt", recipe(fuser=VGG | {"wdith": 1})),
    "network of terabytes": ("bad.ckpt", recipe(fuser=VGG | {"width": 9000.0})),
    "blending of terabytes": (
        "bad.ckpt",
        recipe(blending={"_target_": "torch.nn.Linear", "in_features": 10**7, "out_features": 10**7}),
    ),
    "another architecture": ("bad.ckpt", recipe(fuser={"_target_": "hdr_lightning.fusers.BandNet"})),
    "another width": ("bad.ckpt", recipe(fuser=VGG | {"width": 0.03})),
    "no weights": ("bad.ckpt", written(state_dict={})),
    "weights that are none": ("bad.ckpt", written(state_dict=[1])),
    "a weight missing": ("bad.ckpt", written(state_dict=changed(head=None))),
    "a weight of another shape": ("bad.ckpt", written(state_dict=changed(bias=torch.zeros(7)))),
    "a weight that is text": ("bad.ckpt", written(state_dict=weights() | {"fusion.fuser.head.bias": "0"})),
    "infinite weight": ("bad.ckpt", written(state_dict=changed(head=INF))),
    "safetensors, empty": ("bad.safetensors", Path.touch),
    "safetensors, no recipe": ("bad.safetensors", exported({}, {"x": torch.zeros(1)})),
    "safetensors, recipe of text": ("bad.safetensors", exported({RECIPE: "{"}, {"x": torch.zeros(1)})),
    "safetensors, others": (
        "bad.safetensors",
        exported({RECIPE: json.dumps(NETWORK)}, {"x": torch.zeros(1)}),
    ),
    "safetensors that is a checkpoint": ("bad.safetensors", written()),
    "onnx that is a checkpoint": ("bad.onnx", written()),
    "onnx, text": ("bad.onnx", lambda path: path.write_text("no network\n")),
}


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 24, 32, 3), dtype=np.uint8)
    for name, image in zip(("a.png", "b.png"), pixels, strict=True):
        Image.fromarray(image).save(tmp_path / name)
    return ["a.png", "b.png"]


@pytest.mark.parametrize("kind", BAD)
def test_hdr_fuse_names_the_file(refused: Any, pair: list[str], tmp_path: Path, kind: str) -> None:
    name, make = BAD[kind]
    make(tmp_path / name)
    refused("fuse", *pair, "-o", "out.png", "--checkpoint", name, names=name)
    assert not {"out.png", "harmed"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("kind", ["missing", "text", "one byte wrong", "code", "another width"])
@pytest.mark.parametrize("output", ["net.safetensors", "net.onnx"])
def test_hdr_export_names_the_file(refused: Any, tmp_path: Path, kind: str, output: str) -> None:
    name, make = BAD[kind]
    make(tmp_path / name)
    refused("export", name, "-o", output, names=name)
    assert not {output, "harmed"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("kind", ["one byte wrong", "code"])
def test_other_commands_name_the_file(refused: Any, tmp_path: Path, kind: str) -> None:
    name, make = BAD[kind]
    make(tmp_path / name)
    refused("evaluate", f"methods=[{name}]", "output=out", names=name)
    refused("train", f"start_from={name}", "logger=none", "run_dir=run", names=name)
    assert not (tmp_path / "harmed").exists()


def test_hdr_figures_names_the_network_of_a_run(refused: Any, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "run.yaml").write_text("state: finished\n")
    BAD["code"][1](tmp_path / "run" / "checkpoints" / "best.ckpt")
    refused("figures", "fused", "run", "--data", "folder", "--root", "data", names="data")
    for number in (1, 2):
        (tmp_path / "data" / "a").mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((48, 48, 3), np.uint8)).save(tmp_path / "data" / "a" / f"{number}.png")
    refused("figures", "fused", "run", "--data", "folder", "--root", "data", names="best.ckpt")
    assert not (tmp_path / "harmed").exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_load_as_another_network(data: st.DataObject, tmp_path: Path) -> None:
    """Zip archives have checksums of their contents: what loads has the weights that were written."""
    path = tmp_path / "bad.ckpt"
    written()(path)
    content = bytearray(path.read_bytes())
    places = st.integers(0, len(content) - 1) | st.integers(max(0, len(content) - 3000), len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)):
        content[place] = value
    path.write_bytes(content)
    try:
        loaded = load_fusion(path).state_dict()
    except InputError as error:
        assert "bad.ckpt" in str(error) and len(str(error).splitlines()) == 1
    else:
        for name, value in weights().items():
            assert torch.equal(loaded[name.removeprefix("fusion.")], value)
