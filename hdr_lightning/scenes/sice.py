"""Layout `sice`: the SICE data set as its authors publish it (Cai, Gu, Zhang, TIP 2018)."""

from collections.abc import Iterator
from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import (
    Scene,
    existing_root,
    folders_in,
    images_in,
    reference_in,
    scene_from,
)

_LABEL = "label"
_PARTS = {"Dataset_Part1": "", "Dataset_Part2": "part2-"}


def find(root: Path | None) -> list[Scene]:
    """The scenes `<root>/Dataset_Part{1,2}/<id>/<k>.JPG` and their references `Label/<id>.JPG`.

    A scene of part 1 is called by its id and one of part 2 `part2-<id>`, because the ids repeat. The
    numbers of the files are not trusted to run from dark to bright: in some scenes they do not. A scene
    without a label has no reference.

    Raises:
        InputError: Neither part is there, a scene folder holds fewer than two images, or two labels are its.
    """
    top = existing_root(root, "sice")
    parts = [folder for folder in folders_in(top, top) if folder.name in _PARTS]
    if not parts:
        raise InputError(f"Expected {' or '.join(_PARTS)} in {top}. Got neither")
    return [scene for part in parts for scene in _scenes(part, top)]


def _scenes(part: Path, top: Path) -> Iterator[Scene]:
    folders = folders_in(part, top)
    labels = [file for folder in folders if folder.name.lower() == _LABEL for file in images_in(folder, top)]
    for folder in folders:
        if folder.name.lower() != _LABEL:
            name = _PARTS[part.name] + folder.name
            yield scene_from(folder, images_in(folder, top), name, reference_in(labels, folder.name))
