"""The learned layers of a network whose steps depend on the size of the image, in one ONNX file.

How often `BandNet` halves an image depends on its size, so no graph holds its steps for all sizes. Its
layers, which do all of the learned work, are a graph each, of any size; the steps between them stay Python.
They lie in the file side by side: onnxruntime computes the one that it is asked for.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hdr_lightning.fusers.base import Fuser

LAYER = (nn.Conv2d, nn.Sequential)
"""Modules that are a graph each: (N, C, H, W) -> (N, C', H, W)."""
PARAMETER = "parameter:"
"""Before the names of parameters that are in no layer."""


def layers_of(network: nn.Module, prefix: str = "") -> dict[str, nn.Module]:
    """The layers of a network by name, outermost first."""
    layers: dict[str, nn.Module] = {}
    for name, module in network.named_children():
        if isinstance(module, LAYER):
            layers[f"{prefix}{name}"] = module
        else:
            layers |= layers_of(module, f"{prefix}{name}.")
    return layers


def parameters_of(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters of a network that are in none of its layers, by name."""
    inside = tuple(f"{name}." for name in layers_of(network))
    return {name: value for name, value in network.named_parameters() if not name.startswith(inside)}


class Layers(nn.Module):
    """What goes into the file: every layer applied to an input of its own.

    Args:
        network: Whose layers they are.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.names = list(layers_of(network))
        self.layers = nn.ModuleList(layers_of(network).values())

    def forward(self, inputs: list[Tensor]) -> list[Tensor]:
        """Images (N, C, H, W) for each layer to what it makes of them."""
        return [layer(image) for layer, image in zip(self.layers, inputs, strict=True)]

    def samples(self) -> list[Tensor]:
        """An input for each layer, none of a size like another's."""
        return [
            torch.rand(2 + n % 3, _channels(layer), 7 + n, 12 + 2 * n) for n, layer in enumerate(self.layers)
        ]


def driven(network: Fuser, session: Any, parameters: dict[str, np.ndarray]) -> Fuser:
    """Let onnxruntime compute the layers of a network, and set its other parameters.

    Args:
        network: Built from its recipe, with any weights.
        session: An `onnxruntime.InferenceSession` of the file.
        parameters: By name, from the file.

    Raises:
        ValueError: The file is of another network.
    """
    names = list(layers_of(network))
    inputs = {part.name: part.shape[1] for part in session.get_inputs()}
    wanted = {f"{name}.in": _channels(layer) for name, layer in layers_of(network).items()}
    own = parameters_of(network)
    if inputs != wanted or parameters.keys() != own.keys():
        raise ValueError(f"layers {', '.join(inputs)} instead of {', '.join(wanted)}")
    empty = {name: np.zeros((1, channels, 1, 1), np.float32) for name, channels in inputs.items()}
    for name in names:
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, _Driven(session, name, empty))
    with torch.no_grad():
        for name, value in parameters.items():
            if own[name].shape != value.shape:
                raise ValueError(f"{name} of {value.shape} instead of {tuple(own[name].shape)}")
            own[name].copy_(torch.from_numpy(value.copy()))
    return network


class _Driven(nn.Module):
    """A layer that onnxruntime computes, on the CPU."""

    def __init__(self, session: Any, name: str, empty: dict[str, np.ndarray]) -> None:
        super().__init__()
        self._session, self._name, self._empty = session, name, empty

    def forward(self, images: Tensor) -> Tensor:
        pixels = images.detach().float().cpu().contiguous().numpy()
        (made,) = self._session.run([f"{self._name}.out"], {**self._empty, f"{self._name}.in": pixels})
        return torch.from_numpy(made).to(images)


def _channels(layer: nn.Module) -> int:
    return next(_convolutions(layer)).in_channels


def _convolutions(layer: nn.Module) -> Iterator[nn.Conv2d]:
    return (module for module in layer.modules() if isinstance(module, nn.Conv2d))
