"""The default network as ONNX: onnxruntime computes its layers, PyTorch the steps between them."""

from pathlib import Path

import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.fusers import BandNet
from hdr_lightning.networks.checkpoints import SHIPPED, build_fusion, load_fusion
from hdr_lightning.networks.onnx import load_onnx
from hdr_lightning.networks.onnx_export import save_onnx
from hdr_lightning.networks.onnx_layers import layers_of, parameters_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bandnet") / "bandnet.onnx"
    save_onnx(SHIPPED, path)
    return path


def exposures(count: int, height: int, width: int) -> Tensor:
    """Blurred noise, darker and brighter: gradients and flat parts as photographs have them."""
    random = torch.Generator().manual_seed(height)
    coarse = torch.rand(1, 3, height // 8 + 2, width // 8 + 2, generator=random)
    image = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)
    gains = torch.logspace(-0.5, 0.5, count, base=4)
    return (image[:, None] * gains[None, :, None, None, None]).clamp(0, 1)


@pytest.mark.parametrize(("count", "height", "width"), [(2, 64, 96), (3, 133, 75), (2, 500, 410)])
def test_onnxruntime_computes_what_pytorch_does(file: Path, count: int, height: int, width: int) -> None:
    images = exposures(count, height, width)
    with torch.no_grad():
        found, expected = load_onnx(file)(images), load_fusion(SHIPPED)(images)
    assert_close(found.image, expected.image, atol=1e-4, rtol=0)
    assert_close(found.weights, expected.weights, atol=1e-4, rtol=0)


def test_no_weight_is_left_out_and_none_is_pytorchs(file: Path) -> None:
    fuser = load_fusion(SHIPPED).fuser
    inside = sum(value.numel() for layer in layers_of(fuser).values() for value in layer.parameters())
    outside = sum(value.numel() for value in parameters_of(fuser).values())
    assert inside + outside == sum(value.numel() for value in fuser.parameters())
    driven = load_onnx(file).fuser
    assert {name for name, _ in driven.named_parameters()} == parameters_of(fuser).keys()


def test_file_is_valid_onnx_and_counts(file: Path, tmp_path: Path) -> None:
    """A weight that is changed in the file changes the image."""
    model = onnx.load(file)
    onnx.checker.check_model(model)
    for part in model.graph.initializer:
        if part.name == "parameter:shift":
            part.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(part) + 1, part.name))
    onnx.save(model, tmp_path / "changed.onnx")
    images = exposures(2, 64, 64)
    with torch.no_grad():
        difference = load_onnx(tmp_path / "changed.onnx")(images).image - load_onnx(file)(images).image
    assert difference.abs().max() > 1e-3


def test_file_of_another_network_is_refused(file: Path, tmp_path: Path) -> None:
    model = onnx.load(file)
    for entry in model.metadata_props:
        if entry.key == "fusion":
            entry.value = entry.value.replace('"features": 48', '"features": 32')
    onnx.save(model, tmp_path / "other.onnx")
    assert isinstance(load_fusion(SHIPPED).fuser, BandNet)
    with pytest.raises(InputError, match="damaged or foreign one"):
        load_onnx(tmp_path / "other.onnx")


def test_networks_inside_the_network_are_taken_along(tmp_path: Path) -> None:
    """With a network for brightness, a list of layers inside; in a small one that is not trained."""
    torch.manual_seed(0)
    settings = {"features": 4, "codes": 4, "brightness": 4}
    recipe = {
        "fuser": {"_target_": "hdr_lightning.fusers.BandNet", **settings},
        "blending": {"_target_": "hdr_lightning.blending.MultiBand"},
    }
    fusion = build_fusion(recipe).eval()
    for parameter in fusion.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    fusion.save_pretrained(tmp_path / "net")
    save_onnx(tmp_path / "net" / "model.safetensors", tmp_path / "net.onnx")
    images = exposures(2, 80, 70)
    with torch.no_grad():
        found, expected = load_onnx(tmp_path / "net.onnx")(images), fusion(images)
    assert_close(found.image, expected.image, atol=1e-4, rtol=0)
