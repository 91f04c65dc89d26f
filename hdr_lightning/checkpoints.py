"""Networks in checkpoints: plain data that rebuilds a network without its run, its configuration or trust."""

import json
import pickle
from pathlib import Path
from typing import Any

import torch
from hydra.utils import get_class
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from hdr_lightning.building import build
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion

SHIPPED = Path(__file__).parent / "weights" / "bandnet.safetensors"
"""The trained network of the package; `MODEL_CARD.md` beside it tells how it was made."""
RECIPE = "fusion"
"""Key of a checkpoint under which ``{"fuser": {...}, "blending": {...}}`` tells how to build its network."""


def build_fusion(recipe: dict[str, Any]) -> Fusion:
    """Build the network that a recipe describes.

    Args:
        recipe: ``{"fuser": {"_target_": class, argument: value, ...}, "blending": {...}}``, plain types.

    Raises:
        InputError: A target is not a network class, or its arguments do not fit.
    """
    return Fusion(_build(recipe["fuser"]), _build(recipe["blending"]))


def load_fusion(path: str | Path) -> Fusion:
    """Rebuild a trained network from its checkpoint alone, in evaluation mode on the CPU.

    The file is read with ``weights_only=True``: a checkpoint from a stranger runs no code of its own.

    Args:
        path: A checkpoint (``.ckpt``) that ``train.py`` wrote, or a ``.safetensors`` of `save_fusion`.

    Raises:
        InputError: The file is missing, damaged, no checkpoint of this project, or of another architecture.
    """
    checkpoint = read_checkpoint(path)
    weights = {
        key.removeprefix("fusion."): value
        for key, value in checkpoint["state_dict"].items()
        if key.startswith("fusion.")
    }
    fusion = build_fusion(checkpoint[RECIPE])
    try:
        fusion.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"{path}: Expected weights of {checkpoint[RECIPE]['fuser']}. Got others: {error}"
        ) from error
    return fusion.eval()


def save_fusion(checkpoint: str | Path, path: Path) -> None:
    """Write the network of a checkpoint as safetensors: weights and recipe without the state of its training.

    Args:
        checkpoint: A checkpoint that ``train.py`` wrote.
        path: The file to write, ``.safetensors``.

    Raises:
        InputError: The checkpoint cannot be used, or the file not be written.
    """
    fusion = load_fusion(checkpoint)
    recipe = json.dumps(read_checkpoint(checkpoint)[RECIPE])
    weights = {name: value.contiguous() for name, value in fusion.state_dict().items()}
    try:
        save_file(weights, path, {RECIPE: recipe})
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: Expected a file that can be written. Got: {error}") from error


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint as plain data and tensors.

    Raises:
        InputError: The file is missing, damaged or no checkpoint of this project.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: Expected a checkpoint. Got no such file.")
    if Path(path).suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: Expected a checkpoint. Got a damaged or foreign file ({reason})."
        ) from error
    if not isinstance(checkpoint, dict) or not {RECIPE, "state_dict"} <= checkpoint.keys():
        raise InputError(f"{path}: Expected a checkpoint written by train.py. Got a file without its keys.")
    return checkpoint


def _read_safetensors(path: str | Path) -> dict[str, Any]:
    try:
        with safe_open(path, framework="pt") as file:
            recipe = json.loads(file.metadata()[RECIPE])
            weights = {f"fusion.{name}": file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: Expected weights written by hdr-export. Got a damaged or foreign file ({error})."
        ) from error
    return {RECIPE: recipe, "state_dict": weights}


def _build(part: dict[str, Any]) -> nn.Module:
    """Instantiate one part and nothing inside it, and only a network: a recipe may be a stranger's."""
    try:
        is_network = issubclass(get_class(part["_target_"]), nn.Module)
    except Exception as error:
        raise InputError(f"Expected a network that can be built. Got {part}: {error}") from error
    if not is_network:
        raise InputError(f"Expected a network class in the recipe. Got {part['_target_']}.")
    built: nn.Module = build(part, "network", _recursive_=False)
    return built
