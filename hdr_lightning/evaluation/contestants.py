"""Who takes part in an evaluation: ways to fuse, enfuse, and folders of images that were fused elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.code import of_code
from hdr_lightning.evaluation.cost import Cost
from hdr_lightning.evaluation.enfuse import NAME as ENFUSE
from hdr_lightning.evaluation.enfuse import Enfuse
from hdr_lightning.evaluation.fingerprints import of_files, of_module, of_parts
from hdr_lightning.evaluation.results import COSTS, Values
from hdr_lightning.files import file_names
from hdr_lightning.fusion import tiling
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.networks.method import FUSERS, Method

WARM_UP = 64
"""Side of the crop on which a method runs once before its time counts."""


class Contestant(Protocol):
    """Gives an image for every scene."""

    def key(self, scene: str) -> str:
        """Changes with everything that the image of a scene depends on, besides the exposures."""

    def image(self, scene: str, exposures: Tensor) -> tuple[Tensor, Values]:
        """The image (1, 3, H, W) in [0, 1] of exposures (1, K, 3, H, W), and each of `COSTS`.

        Raises:
            InputError: There is none.
        """


class Fuses:
    """A way to fuse.

    Args:
        text: A method as people type it, see `Method`.
        device: Where it computes.

    Raises:
        InputError: An unknown name, or a checkpoint that cannot be used.
    """

    def __init__(self, text: str, device: torch.device) -> None:
        method = Method.parse(text)
        self._fusion = method.build().to(device)
        files = [method.checkpoint] if method.checkpoint else []
        self._key = of_parts(of_module(self._fusion), of_code(tiling.__name__), of_files(files), device.type)
        self._is_warm = False

    def key(self, scene: str) -> str:
        """The same for every scene."""
        return self._key

    def image(self, scene: str, exposures: Tensor) -> tuple[Tensor, Values]:
        """Fuse, and say what it cost."""
        if not self._is_warm:
            tiling.fuse_in_tiles(self._fusion, exposures[..., :WARM_UP, :WARM_UP])
            self._is_warm = True
        with Cost(exposures.device) as cost:
            fused = tiling.fuse_in_tiles(self._fusion, exposures)
        costs = (fused.outside.item(), cost.seconds, cost.memory_mb)
        return fused.image, dict(zip(COSTS, costs, strict=True))


class Images:
    """A folder with an image for every scene, made elsewhere and named like it.

    Args:
        folder: The folder.
        scenes: The names of the scenes, as the evaluation has them.

    Raises:
        InputError: It has no image of any scene, or two of one.
    """

    def __init__(self, folder: Path, scenes: Sequence[str]) -> None:
        self._folder, self._names = folder, file_names(scenes)
        files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in IMAGE_SUFFIXES]
        self._files = {file.stem: file for file in files}
        for file in files:
            if (other := self._files[file.stem]) != file:
                names = f"{file.name} and {other.name}"
                raise InputError(f"methods: Expected one image a scene in {folder}. Got {names}")
        if not any(map(self._found, scenes)):
            wanted = f"an image named {self._names[scenes[0]]} or like another scene"
            raise InputError(f"methods: Expected {wanted} in {folder}. Got none")

    def key(self, scene: str) -> str:
        """Changes with the file."""
        file = self._found(scene)
        return of_files([file] if file else [])

    def image(self, scene: str, exposures: Tensor) -> tuple[Tensor, Values]:
        """Read the image; nobody knows what it cost."""
        file = self._found(scene)
        if file is None:
            raise InputError(f"Expected an image named {self._names[scene]} in {self._folder}. Got none")
        image = to_float(read_image(file))[None].to(exposures.device)
        (height, width), (wanted_height, wanted_width) = image.shape[-2:], exposures.shape[-2:]
        if (height, width) != (wanted_height, wanted_width):
            raise InputError(
                f"Expected an image of the size of the exposures, {wanted_width} x {wanted_height}. "
                f"Got {file} with {width} x {height}"
            )
        return image, dict.fromkeys(COSTS)

    def _found(self, scene: str) -> Path | None:
        return self._files.get(scene) or self._files.get(self._names[scene])


def contestants(
    methods: Sequence[str | Mapping[str, Any]], scenes: Sequence[str], device: torch.device
) -> dict[str, Contestant]:
    """Those that a configuration names, by the label that they have in tables.

    Args:
        methods: Each a `Method` as people type it, `enfuse` or a folder of images; or `{name: LABEL, method:
            ...}`.
        scenes: The names of the scenes.
        device: Where to compute.

    Raises:
        InputError: There is none, one is unknown, or two have one label.
    """
    named = [_labelled(method) for method in methods]
    labels = [label for label, _ in named]
    if not labels or len(set(labels)) < len(labels):
        raise InputError(f"methods: Expected at least one, and each once. Got {labels}")
    return {label: _contestant(text, scenes, device) for label, text in named}


def _labelled(method: str | Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(method, str):
        return method, method
    if not isinstance(method, Mapping) or method.keys() != {"name", "method"}:
        given = dict(method) if isinstance(method, Mapping) else method
        raise InputError(f"methods: Expected methods, or {{name: LABEL, method: METHOD}}. Got {given}")
    return str(method["name"]), str(method["method"])


def _contestant(text: str, scenes: Sequence[str], device: torch.device) -> Contestant:
    if text == ENFUSE:
        return Enfuse()
    folder = Path(text).expanduser()
    is_network = text in FUSERS or not folder.is_dir() or any(folder.glob("*.safetensors"))
    return Fuses(text, device) if is_network else Images(folder, scenes)
