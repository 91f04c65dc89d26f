"""Networks in checkpoints: plain data that rebuilds a network without its run, its configuration or trust."""

import json
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from hdr_lightning.errors import InputError, one_line
from hdr_lightning.files import write_bytes
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusion import Fusion

SHIPPED = Path(__file__).parents[1] / "weights" / "bandnet.safetensors"
"""The trained network of the package; `MODEL_CARD.md` beside it tells how it was made."""
SCORE = SHIPPED.with_name("bandnet_score.safetensors")
"""A network that was trained on the score alone."""
Network = TypeVar("Network", bound=nn.Module)
RECIPE = "fusion"
"""Key of a checkpoint under which `{"fuser": {...}, "blending": {...}}` tells how to build its network."""
_FOLDER = 0x10
"""Attribute of MS-DOS, by which an entry of a zip archive is a folder."""


def build_fusion(recipe: Mapping[str, Any]) -> Fusion:
    """Build the network that a recipe describes.

    Args:
        recipe: `{"fuser": {"_target_": class, argument: value, ...}, "blending": {...}}`, plain types.

    Raises:
        InputError: A target is not a network class, or its arguments do not fit.
    """
    fusion = Fusion(build_network(recipe["fuser"], Fuser), build_network(recipe["blending"]))
    fusion.recipe = {"fuser": dict(recipe["fuser"]), "blending": dict(recipe["blending"])}
    return fusion


def load_fusion(path: str | Path) -> Fusion:
    """Rebuild a trained network from its checkpoint alone, in evaluation mode on the CPU.

    The file is read with `weights_only=True`: a checkpoint from a stranger runs no code of its own.

    Args:
        path: A checkpoint (`.ckpt`) that `train.py` wrote, or a `.safetensors` of `save_fusion`.

    Raises:
        InputError: The file is missing, damaged, no checkpoint of this project, or of another architecture.

    Examples:
        >>> fusion = load_fusion(SHIPPED)
        >>> fusion(torch.rand(1, 3, 3, 64, 64)).image.shape
        torch.Size([1, 3, 64, 64])
    """
    return restored(path, read_checkpoint(path))


def restored(path: str | Path, checkpoint: Mapping[str, Any]) -> Fusion:
    """The network of a checkpoint that `read_checkpoint` has read from a path.

    Raises:
        InputError: It is of another architecture.
    """
    weights = checked_weights(path, checkpoint, checkpoint[RECIPE])
    fusion = build_fusion(checkpoint[RECIPE])
    fusion.load_state_dict(weights)
    return fusion.eval()


def same_weights(fusion: Fusion, path: Path) -> bool:
    """Whether a network has the weights of a checkpoint, bit for bit."""
    saved = {key.removeprefix("fusion."): value for key, value in read_checkpoint(path)["state_dict"].items()}
    own = fusion.state_dict()
    return own.keys() == saved.keys() and all(torch.equal(own[key].cpu(), saved[key]) for key in saved)


def save_fusion(checkpoint: str | Path, path: Path) -> None:
    """Write the network of a checkpoint as safetensors: weights and recipe without the state of its training.

    Args:
        checkpoint: A checkpoint that `train.py` wrote.
        path: The file to write, `.safetensors`.

    Raises:
        InputError: The checkpoint cannot be used, or the file not be written.
    """
    content = read_checkpoint(checkpoint)
    weights = checked_weights(checkpoint, content, content[RECIPE])
    weights = {name: value.contiguous() for name, value in weights.items()}
    write_bytes(path, save(weights, {RECIPE: json.dumps(content[RECIPE])}))


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint as plain data and tensors.

    Raises:
        InputError: The file is missing, damaged or no checkpoint of this project.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: Expected a checkpoint. Got no such file")
    try:
        checkpoint = (_read_safetensors if Path(path).suffix == ".safetensors" else _read_zip)(path)
    except Exception as error:  # readers meet hostile bytes with any type of exception
        foreign = "objects that are no plain data, and are not loaded: they could run code"
        reason = foreign if isinstance(error, pickle.UnpicklingError) else one_line(error)
        raise InputError(
            f"{path}: Expected a checkpoint. Got a damaged or foreign file ({reason})"
        ) from error
    if not isinstance(checkpoint, dict) or not {RECIPE, "state_dict"} <= checkpoint.keys():
        raise InputError(f"{path}: Expected a checkpoint written by train.py. Got a file without its keys")
    recipe, weights = checkpoint[RECIPE], checkpoint["state_dict"]
    if not _is_recipe(recipe) or not isinstance(weights, dict):
        raise InputError(f"{path}: Expected a checkpoint of a network. Got no description of one")
    return checkpoint


def checked_weights(
    path: str | Path, checkpoint: Mapping[str, Any], recipe: Mapping[str, Any]
) -> dict[str, Tensor]:
    """The weights of a checkpoint by their names in the network of a recipe, which they are known to fit.

    Args:
        path: What to call the checkpoint in errors.
        checkpoint: As `read_checkpoint` reads it.
        recipe: Of the network; its sizes cost no memory here, whatever they are.

    Raises:
        InputError: They belong to another network, or are not finite.
    """
    named = {str(key): value for key, value in checkpoint["state_dict"].items()}
    weights = {key.removeprefix("fusion."): named[key] for key in named if key.startswith("fusion.")}
    try:
        with torch.device("meta"):
            wanted = build_fusion(recipe).state_dict()
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if difference := first_difference(weights, wanted):
        raise InputError(f"{path}: Expected weights of {dict(recipe['fuser'])}. Got others: {difference}")
    for name, weight in weights.items():
        if not weight.isfinite().all():
            raise InputError(f"{path}: Expected finite weights. Got NaN or infinity in {name}")
    return weights


def first_difference(weights: Mapping[str, Any], wanted: Mapping[str, Tensor]) -> str | None:
    """What keeps weights from fitting the names and shapes of those wanted; None where they fit."""
    for name in sorted(wanted.keys() | weights.keys()):
        got, expected = _shape(weights.get(name)), _shape(wanted.get(name))
        if got != expected:
            return f"{name} is {got}, not {expected}"
    return None


def build_network(part: Mapping[str, Any], of: type[Network] = nn.Module) -> Network:  # type: ignore[assignment]
    """Instantiate one part of a recipe and nothing inside it, and only a network: it may be a stranger's.

    Args:
        part: Its class in `_target_`, and the arguments.
        of: What it has to be derived from.

    Raises:
        InputError: It is no network class, or its arguments do not fit.
    """
    arguments = dict(part)
    try:
        target = str(arguments.pop("_target_"))
        module, _, name = target.rpartition(".")
        kind = getattr(import_module(module), name)
        is_network = issubclass(kind, of)
    except Exception as error:
        raise InputError(f"Expected a network that can be built. Got {part}: {one_line(error)}") from error
    if not is_network:
        wanted = f"{of.__module__.removesuffix('.base')}.{of.__name__}"
        raise InputError(f"Expected a network class, derived from {wanted}. Got {target}")
    try:
        network: Network = kind(**arguments)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"network: Expected settings of {target}. Got: {one_line(error)}") from error
    return network


def _read_zip(path: str | Path) -> Any:
    """What `torch.save` wrote; torch itself does not look at the checksums that it stores."""
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"wrong checksum of {damaged}")
        if folders := [entry.filename for entry in archive.infolist() if entry.external_attr & _FOLDER]:
            raise ValueError(f"{folders[0]} is no file")  # of which torch would read nothing, and be content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.load(path, map_location="cpu", weights_only=True)


def _read_safetensors(path: str | Path) -> dict[str, Any]:
    with safe_open(path, framework="pt") as file:
        recipe = json.loads((file.metadata() or {}).get(RECIPE, "null"))
        weights = {f"fusion.{name}": file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return {RECIPE: recipe, "state_dict": weights}


def _is_recipe(recipe: Any) -> bool:
    return isinstance(recipe, dict) and all(isinstance(recipe.get(k), dict) for k in ("fuser", "blending"))


def _shape(weight: Any) -> str:
    if not isinstance(weight, Tensor):
        return "missing"
    return "x".join(map(str, weight.shape)) or "a number"
