"""Layout `mefb`: the MEFB benchmark as its authors publish it (Zhang, Information Fusion 2021)."""

import re
from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import Scene, existing_root, folders_in, images_in, scene_from


def find(root: Path | None) -> list[Scene]:
    """The scenes `<root>/<scene>/<scene>_{A,B}.{jpg,png,tif}`, A under- and B over-exposed.

    File types differ between scenes, and so does the case of names and suffixes: only the ending A or B
    of the name counts.

    Raises:
        InputError: A folder lacks A or B, or has one of them twice.
    """
    top = existing_root(root, "mefb")
    return [scene_from(folder, _pair(folder, top)) for folder in folders_in(top, top)]


def _pair(folder: Path, root: Path) -> list[Path]:
    files = images_in(folder, root)
    letters = [re.search(r"(?:^|[_-])([ab])$", file.stem.lower()) for file in files]
    if sorted(letter[1] for letter in letters if letter) != ["a", "b"]:
        names = ", ".join(file.name for file in files) or "no image"
        raise InputError(f"Expected one *_A.* and one *_B.* in {folder}. Got {names}")
    return [file for file, letter in zip(files, letters, strict=True) if letter]
