from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hdr_lightning.commands.export import main as export
from hdr_lightning.networks.checkpoints import RECIPE, build_fusion


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Checkpoints and, beside them, what the command made of them."""
    folder = tmp_path_factory.mktemp("networks")
    whole = _checkpoint(folder, "WeightedSum")
    bands = _checkpoint(folder, "MultiBand", inputs="stacked", exposures=3, poolings=0)
    for file in (whole, bands):
        export([str(file), "-o", str(file.with_suffix(".onnx"))])
    return {"whole": whole, "bands": bands}


def _checkpoint(folder: Path, blending: str, **options: Any) -> Path:
    """A checkpoint of a small network whose weights vary as much as a trained one's."""
    recipe = {
        "fuser": {"_target_": "hdr_lightning.fusers.VGG", "width": 0.04, **options},
        "blending": {"_target_": f"hdr_lightning.blending.{blending}", "colour": "ycbcr"},
    }
    torch.manual_seed(0)
    fusion = build_fusion(recipe)
    for layer in fusion.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    fusion.fuser(_exposures(options.get("exposures", 2), 64, 64))  # its statistics become the network's
    nn.init.normal_(fusion.fuser.head.weight, std=2)  # type: ignore[union-attr, arg-type]
    weights = {f"fusion.{name}": value for name, value in fusion.state_dict().items()}
    torch.save({RECIPE: recipe, "state_dict": weights}, folder / f"{blending}.ckpt")
    return folder / f"{blending}.ckpt"


def _exposures(count: int, height: int, width: int) -> Tensor:
    return torch.rand(1, count, 3, height, width, generator=torch.Generator().manual_seed(height))
