"""Networks from ONNX files, run by onnxruntime: for hdr-fuse, which needs no checkpoint then."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hdr_lightning.errors import InputError, one_line
from hdr_lightning.fusers.base import Fuser, Reach
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import RECIPE, build_network
from hdr_lightning.networks.onnx_layers import PARAMETER, driven

MAKER = "hdr_lightning"
"""Key of the file's metadata for the version of this package that wrote it."""
STEPS = "steps"
"""Key of the metadata for the class that takes the steps between the layers in the file."""


def load_onnx(path: Path) -> Fusion:
    """The network of an ONNX file run by onnxruntime, with the blending that its metadata name.

    Raises:
        InputError: The extra is not installed, or the file is missing, damaged, was not written by
            `save_onnx`, or refers to other files.
    """
    onnx, runtime = library("onnx"), library("onnxruntime")
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
        session: An `onnxruntime.InferenceSession` of a file of `save_onnx`.
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


def library(name: str) -> Any:
    """A library of the extra `onnx`.

    Raises:
        InputError: It is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError("Expected the extra onnx: pip install 'hdr-lightning[onnx]'") from error
