"""A layout of a data set: `data=flat data.root=FOLDER`, or `data.layout=own_parts.layouts.find`."""

from itertools import groupby
from pathlib import Path

from hdr_lightning.scenes.scene import Scene, existing_root, images_in, scene_from


def find(root: Path | None) -> list[Scene]:
    """The scenes of one folder with files `<scene>_<number>.{jpg,png,tif}`.

    Raises:
        InputError: There is no such folder, or a scene has fewer than two exposures.
    """
    top = existing_root(root, "flat")
    named = groupby(images_in(top, top), key=lambda file: file.stem.rpartition("_")[0])
    return [scene_from(top, list(files), name) for name, files in named]
