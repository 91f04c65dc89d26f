"""Layout ``sice``: the SICE data set as its authors publish it (Cai, Gu, Zhang, TIP 2018)."""

from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import Scene, existing_root, folders_in, images_in, scene_from

_PARTS = {"Dataset_Part1": "", "Dataset_Part2": "part2-"}


def find(root: Path | None) -> list[Scene]:
    """The scenes ``<root>/Dataset_Part{1,2}/<id>/<k>.JPG``; the reference images in ``Label`` are left out.

    A scene of part 1 is called by its id and one of part 2 ``part2-<id>``, because the ids repeat. The
    numbers of the files are not trusted to run from dark to bright: in some scenes they do not.

    Raises:
        InputError: Neither part is there, or a scene folder holds fewer than two images.
    """
    top = existing_root(root, "sice")
    parts = [folder for folder in folders_in(top, top) if folder.name in _PARTS]
    if not parts:
        raise InputError(f"Expected {' or '.join(_PARTS)} in {top}. Got neither")
    return [
        scene_from(folder, images_in(folder, top), name=_PARTS[part.name] + folder.name)
        for part in parts
        for folder in folders_in(part, top)
        if folder.name.lower() != "label"
    ]
