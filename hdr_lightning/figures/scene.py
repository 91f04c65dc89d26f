"""One scene of any data set."""

from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from hdr_lightning.data.patches import CachedScenes
from hdr_lightning.errors import InputError
from hdr_lightning.levels import to_float
from hdr_lightning.scenes import find_scenes
from hdr_lightning.scenes.cache import StackCache


class LoadedScene(NamedTuple):
    """A scene that was read."""

    name: str
    exposures: Tensor  # (K, 3, H, W) in [0, 1], dark to bright

    @property
    def captions(self) -> list[str]:
        """What to call the exposures."""
        count = len(self.exposures)
        return (
            ["under-exposed", "over-exposed"] if count == 2 else [f"exposure {k + 1}" for k in range(count)]
        )


def read_scene(layout: str, root: Path | None, name: str | None, exposures: str) -> LoadedScene:
    """Read a scene of a data set by its name, or its first one.

    Raises:
        InputError: The data set cannot be used, or has no scene of this name.
    """
    scenes = {scene.name: scene for scene in find_scenes(layout, root, exposures)}
    if name is None:
        name = next(iter(scenes))
    if name not in scenes:
        close = get_close_matches(name, scenes, n=5, cutoff=0.3) or list(scenes)[:5]
        raise InputError(f"--scene: Expected one of {len(scenes)} scenes, as {', '.join(close)}. Got {name}")
    return LoadedScene(name, to_float(CachedScenes([scenes[name]], StackCache()).read(0)))
