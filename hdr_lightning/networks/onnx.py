"""Networks as ONNX files: for programs without PyTorch, and for hdr-fuse, which needs no checkpoint then."""

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
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.files import write_bytes
from hdr_lightning.fusers.base import Fuser, Reach
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import RECIPE, build_network, load_fusion, read_checkpoint
from hdr_lightning.networks.onnx_layers import PARAMETER, Layers, driven, parameters_of

MAKER = "hdr_lightning"
"""Key of the file's metadata for the version of this package that wrote it."""
STEPS = "steps"
"""Key of the metadata for the class that takes the steps between the layers in the file."""
INPUT = "sRGB as in photographs, [0, 1], (batch, exposures, 3, height, width), sorted dark to bright"
_SAMPLE = (2, 45, 61)
"""Batch, height and width of what the export looks at: different, and no multiples of anything."""


def save_onnx(checkpoint: str | Path, path: Path, exposures: int | None = None) -> None:
    """Write the network of a checkpoint as ONNX, for exposures (B, K, 3, H, W) with any B, H and W.

    Its output ``weights`` (B, K, 1, H, W) is that of the network; where the blending is a weighted sum, the
    output ``image`` (B, 3, H, W) is the fused image. Multi-band blending is not in the file, because how
    often it halves the image depends on the size: the metadata name it, and hdr-fuse does it.

    A network with weights of every band (`BandNet`) is written as its learned layers, see `onnx_layers`:
    hdr-fuse takes the steps between them, for any K.

    Args:
        checkpoint: A checkpoint that ``train.py`` wrote, or a ``.safetensors`` of `checkpoints.save_fusion`.
        path: The file to write, ``.onnx``.
        exposures: K; None for 2, or for that of a network that takes one K only.

    Raises:
        InputError: The checkpoint cannot be used, `exposures` does not suit it, the extra is not installed,
            or the file cannot be written.
    """
    _library("onnx"), _library("onnxscript")  # torch imports the second one by itself
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
            *(network, (sample,)),
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=sizes,
            dynamo=True,
            verbose=False,
        )
    return program.model_proto


def _write(model: Any, facts: dict[str, str], path: Path) -> None:
    _library("onnx").helper.set_model_props(model, facts)
    parts = (model.graph.node, model.graph.value_info, model.graph.input, model.graph.output)
    for part in (model.graph, *chain(*parts)):
        del part.metadata_props[:]  # the exporter's notes, with the paths of this machine in them
    write_bytes(path, model.SerializeToString())


def load_onnx(path: Path) -> Fusion:
    """The network of an ONNX file run by onnxruntime, with the blending that its metadata name.

    Raises:
        InputError: The extra is not installed, or the file is missing, damaged, was not written by
            `save_onnx`, or refers to other files.
    """
    onnx, runtime = _library("onnx"), _library("onnxruntime")
    if not path.is_file():
        raise InputError(f"{path}: Expected an ONNX file. Got no such file")
    try:
        model = onnx.load(path, load_external_data=False)
        facts = {entry.key: entry.value for entry in model.metadata_props}
        if MAKER not in facts:
            raise ValueError("no file of hdr-export")
        if _refers_elsewhere(model):
            raise ValueError("it refers to other files, or has parts that hdr-export does not write")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 4  # what is wrong is told once, by the exception
        session = runtime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        recipe = json.loads(facts[RECIPE])
        network = _driven(model, session, recipe) if STEPS in facts else OnnxNetwork(session, facts)
        return Fusion(network, build_network(recipe["blending"])).eval()
    except Exception as error:  # a stranger's file may hold anything
        raise InputError(
            f"{path}: Expected an ONNX file written by hdr-export. Got a damaged or foreign one "
            f"({one_line(error)})"
        ) from error


def _driven(model: Any, session: Any, recipe: dict[str, Any]) -> Fuser:
    """The network of a recipe with the layers and parameters of a file."""
    helper = import_module("onnx.numpy_helper")
    initializers = {part.name: part for part in model.graph.initializer if part.name.startswith(PARAMETER)}
    parameters = {name.removeprefix(PARAMETER): helper.to_array(part) for name, part in initializers.items()}
    return driven(build_network(recipe["fuser"], Fuser), session, parameters)


class OnnxNetwork(Fuser):
    """A fuser that onnxruntime runs, on the CPU.

    Args:
        session: An ``onnxruntime.InferenceSession`` of a file of `save_onnx`.
        facts: The metadata of the file.

    Raises:
        ValueError: The session has other inputs or outputs, or the metadata are incomplete.
    """

    blending = "weighted_sum"

    def __init__(self, session: Any, facts: dict[str, str]) -> None:
        super().__init__()
        self._session = session
        self.exposures = int(facts["exposures"])
        inputs = [(part.name, len(part.shape)) for part in session.get_inputs()]
        outputs = [part.name for part in session.get_outputs()]
        if inputs != [("exposures", 5)] or "weights" not in outputs:
            raise ValueError(f"inputs {inputs} and outputs {outputs}")
        self._reach = Reach(int(facts["grid"]), int(facts["margin"])) if "grid" in facts else None
        if self._reach and (self._reach.grid < 1 or self._reach.margin < 0):
            raise ValueError(f"{self._reach}")

    @property
    def reach(self) -> Reach | None:
        """That of the network in the file."""
        return self._reach

    def forward(self, exposures: Tensor) -> Tensor:
        """Weigh exposures (B, K, 3, H, W) in [0, 1], sorted dark to bright.

        Returns:
            Weights (B, K, 1, H, W) that sum to 1 over K.

        Raises:
            InputError: K is not that of the file, or the image is smaller than the network takes.
        """
        count = exposures.shape[1]
        if count != self.exposures:
            raise InputError(
                f"Expected {self.exposures} exposures, as this ONNX file was exported. Got {count}: "
                f"hdr-export --exposures {count} writes one for them"
            )
        smallest = self.reach.grid if self.reach else 1
        if min(exposures.shape[-2:]) < smallest:
            raise InputError(
                f"Expected an image of at least {smallest} x {smallest} for a network in an ONNX file. "
                f"Got {exposures.shape[-1]} x {exposures.shape[-2]}: its checkpoint takes any size"
            )
        pixels = exposures.detach().cpu().contiguous().numpy()
        (weights,) = self._session.run(["weights"], {"exposures": pixels})
        return torch.from_numpy(weights).to(exposures.device)


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


def _refers_elsewhere(model: Any) -> bool:
    """Whether a model may read other files, or has a graph inside its graph that might."""
    attributes = [attribute for node in model.graph.node for attribute in node.attribute]
    tensors = [*model.graph.initializer, *(attribute.t for attribute in attributes)]
    graphs = any(attribute.HasField("g") or attribute.graphs for attribute in attributes)
    return bool(
        graphs
        or model.functions
        or model.graph.sparse_initializer
        or any(tensor.external_data for tensor in tensors)
    )


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError("Expected the extra onnx: pip install 'hdr-lightning[onnx]'") from error


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
