"""Networks written as ONNX files, by torch's exporter."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from hdr_lightning import __version__
from hdr_lightning.blending import WeightedSum
from hdr_lightning.errors import InputError
from hdr_lightning.files import write_bytes
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import RECIPE, load_fusion, read_checkpoint
from hdr_lightning.networks.onnx import MAKER, STEPS, library
from hdr_lightning.networks.onnx_layers import PARAMETER, Layers, parameters_of

INPUT = "sRGB as in photographs, [0, 1], (batch, exposures, 3, height, width), sorted dark to bright"
_SAMPLE = (2, 45, 61)
"""Batch, height and width of what the export looks at: different, and no multiples of anything."""


def save_onnx(checkpoint: str | Path, path: Path, exposures: int | None = None) -> None:
    """Write the network of a checkpoint as ONNX, for exposures (B, K, 3, H, W) with any B, H and W.

    Its output `weights` (B, K, 1, H, W) is that of the network; where the blending is a weighted sum, the
    output `image` (B, 3, H, W) is the fused image. Multi-band blending is not in the file, because how
    often it halves the image depends on the size: the metadata name it, and hdr-fuse does it.

    A network with weights of every band (`BandNet`, `BrightnessNet`) is written as its learned layers, see
    `onnx_layers`: hdr-fuse takes the steps between them, for any K.

    Args:
        checkpoint: A checkpoint that `train.py` wrote, or a `.safetensors` of `checkpoints.save_fusion`.
        path: The file to write, `.onnx`.
        exposures: K; None for 2, or for that of a network that takes one K only.

    Raises:
        InputError: The checkpoint cannot be used, `exposures` does not suit it, the extra is not installed,
            or the file cannot be written.
    """
    library("onnx"), library("onnxscript")  # torch imports the second one by itself
    recipe = read_checkpoint(checkpoint)[RECIPE]
    fusion = load_fusion(checkpoint)
    count = exposures if exposures is not None else fusion.fuser.exposures or 2
    if count < 2:
        raise InputError(f"--exposures: Expected at least 2. Got {count}")
    batch, height, width = _SAMPLE
    sample = torch.rand(batch, count, 3, height, width)
    with torch.no_grad():
        whole = isinstance(fusion.fuser(sample), Tensor)
    facts = {MAKER: __version__, RECIPE: json.dumps(recipe), "input": INPUT}
    if whole:
        model = _whole(fusion, sample)
        reach = fusion.fuser.reach
        facts |= {"exposures": str(count)}
        facts |= {"grid": str(reach.grid), "margin": str(reach.margin)} if reach else {}
    else:
        if exposures is not None:
            name = type(fusion.fuser).__name__
            raise InputError(f"--exposures: Expected none for {name}, whose file takes any. Got {exposures}")
        model = _layers(fusion.fuser)
        facts |= {"input": "of each layer, (N, channels, height, width)", STEPS: type(fusion.fuser).__name__}
    _write(model, facts, path)


def _whole(fusion: Fusion, sample: Tensor) -> Any:
    """The graph from exposures to weights, and to the image where one graph can."""
    network = _Graph(fusion).eval()
    sizes = {"exposures": {0: "batch", 3: "height", 4: "width"}}
    return _exported(network, sample, ["exposures"], network.outputs, sizes)


def _layers(fuser: Fuser) -> Any:
    """The layers side by side, and the parameters that are in none of them."""
    helper = import_module("onnx.numpy_helper")
    layers = Layers(fuser).eval()
    sizes = [{0: f"n{n}", 2: f"height{n}", 3: f"width{n}"} for n in range(len(layers.names))]
    inputs, outputs = ([f"{name}.{end}" for name in layers.names] for end in ("in", "out"))
    model = _exported(layers, layers.samples(), inputs, outputs, {"inputs": sizes})
    for name, value in parameters_of(fuser).items():
        model.graph.initializer.append(helper.from_array(value.detach().numpy(), PARAMETER + name))
    return model


def _exported(
    network: nn.Module, sample: Any, inputs: list[str], outputs: list[str], sizes: dict[str, Any]
) -> Any:
    with _quiet():
        program: Any = torch.onnx.export(
            network,
            (sample,),
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=sizes,
            dynamo=True,
            verbose=False,
        )
    return program.model_proto


def _write(model: Any, facts: dict[str, str], path: Path) -> None:
    library("onnx").helper.set_model_props(model, facts)
    parts = (model.graph.node, model.graph.value_info, model.graph.input, model.graph.output)
    for part in (model.graph, *chain(*parts)):
        del part.metadata_props[:]  # the exporter's notes, with the paths of this machine in them
    write_bytes(path, model.SerializeToString())


class _Graph(nn.Module):
    """What goes into the file."""

    def __init__(self, fusion: Fusion) -> None:
        super().__init__()
        self.fusion = fusion
        self.outputs = ["weights", *(["image"] if isinstance(fusion.blending, WeightedSum) else [])]

    def forward(self, exposures: Tensor) -> tuple[Tensor, ...]:
        if "image" not in self.outputs:
            return (self.fusion.fuser(exposures),)
        fused = self.fusion(exposures)
        return fused.weights, fused.image


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter tells of its own packages."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
