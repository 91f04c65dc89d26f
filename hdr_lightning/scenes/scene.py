"""What a scene is, and how the layouts look for its files on the disk."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hdr_lightning.errors import InputError, is_text
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES

REFERENCE = "reference"
"""Stem of the file beside the exposures that shows what a fused image should look like."""


@dataclass(frozen=True)
class Scene:
    """Exposures of one scene that stands still.

    Attributes:
        name: Unique within a run.
        files: Every exposure found, in any order: they are sorted dark to bright when they are read.
        group: Scenes of one group show the same place or photograph and stay in one split.
        pick: Positions of the exposures to use in the order dark to bright, or None for all of them.
        reference: What a fused image should look like: an image to compare with, never an exposure.
    """

    name: str
    files: tuple[Path, ...]
    group: str
    pick: tuple[int, ...] | None = None
    reference: Path | None = None

    @property
    def stacks(self) -> list[tuple[Path, ...]]:
        """What a cache is to hold of the scene: its exposures, and its reference as a stack of one."""
        return [self.files, *([(self.reference,)] if self.reference else [])]


def natural_key(text: str) -> list[tuple[int, int | str]]:
    """Sort key under which `2` comes before `10`, and upper case beside lower case."""
    parts = re.findall(r"\d+|\D+", text)
    # numbers and words are never compared with each other: the first entry tells them apart
    return [(0, int(part)) if part.isdecimal() else (1, part.lower()) for part in parts] + [(2, text)]


def existing_root(root: Path | None, layout: str) -> Path:
    """The absolute folder of a data set.

    Raises:
        InputError: No root was given, or it is not a folder.
    """
    if root is None:
        raise InputError(
            f"Expected the folder of the data set for layout {layout} (data.root=FOLDER). Got no root"
        )
    if not root.is_dir():
        raise InputError(f"Expected an existing folder as root of layout {layout}. Got {root}")
    return root.resolve()


def folders_in(folder: Path, root: Path) -> list[Path]:
    """The visible folders in a folder, in natural order."""
    found = (path for path in _visible(folder) if path.is_dir())
    return [_inside(path, root) for path in sorted(found, key=lambda path: natural_key(path.name))]


def images_in(folder: Path, root: Path) -> list[Path]:
    """The visible files with an image suffix in a folder, in natural order."""
    found = (path for path in _visible(folder) if path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir())
    return [_inside(path, root) for path in sorted(found, key=lambda path: natural_key(path.name))]


def is_reference(file: Path) -> bool:
    """Whether an image among the exposures of a scene is their reference: `reference.*`, in any case."""
    return file.stem.lower() == REFERENCE


def reference_in(files: Sequence[Path], stem: str = REFERENCE) -> Path | None:
    """The file of that stem, in any case, if there is one.

    Raises:
        InputError: There are several.
    """
    found = [file for file in files if file.stem.lower() == stem.lower()]
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        raise InputError(f"Expected at most one reference in {found[0].parent}. Got {names}")
    return found[0] if found else None


def scene_from(folder: Path, files: Sequence[Path], name: str = "", reference: Path | None = None) -> Scene:
    """The scene of a folder, called like the folder unless a name is given.

    Raises:
        InputError: There are fewer than two exposures.
    """
    if len(files) < 2:
        names = ", ".join(file.name for file in files) or "none"
        raise InputError(f"Expected at least two exposures in {folder}. Got {names}")
    name = name or folder.name
    return Scene(name=name, files=tuple(files), group=name, reference=reference)


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if not path.name.startswith((".", "__")))


def _inside(path: Path, root: Path) -> Path:
    if not is_text(str(path)):
        raise InputError(f"Expected names in UTF-8 in a data set. Got {str(path)!a}")
    if not Path(os.path.realpath(path)).is_relative_to(root):  # which does not mind links to themselves
        raise InputError(f"Expected every file of the data set inside {root}. Got {path}, a link out of it")
    return path
