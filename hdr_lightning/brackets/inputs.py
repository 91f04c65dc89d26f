"""Names as people type them for ``hdr-fuse``: files, folders, patterns and lists become brackets."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES
from hdr_lightning.scenes.scene import is_reference, natural_key

STANDARD = "-"
"""Names from standard input, or the image to standard output."""


@dataclass(frozen=True)
class Bracket:
    """Exposures of one motif.

    Attributes:
        name: The folder's name, or the name of the first of loose files.
        files: The exposures in any order; a single one is fused with itself.
        folder: Where they lie together; None for loose files.
    """

    name: str
    files: tuple[Path, ...]
    folder: Path | None = None


def find_brackets(words: Sequence[str], stdin: TextIO) -> list[Bracket]:
    """The brackets that the words of the command line name, in their order. No image is opened.

    Args:
        words: Files of one bracket, or folders, or patterns of either, or ``-`` for a list of them.
        stdin: Where ``-`` reads, one name a line.

    Raises:
        InputError: Something is not there, given twice, or a mixture of files and folders.
    """
    paths = list(_expanded(words, stdin))
    folders = [path for path in paths if path.is_dir()]
    if not paths:
        raise InputError("Expected exposures to fuse. Got none")
    _refuse_twice(paths)
    if not folders:
        return [Bracket(paths[0].stem, tuple(paths))]
    if len(folders) < len(paths):
        loose = next(path for path in paths if not path.is_dir())
        raise InputError(f"Expected the files of one bracket, or folders. Got both: {loose} and {folders[0]}")
    return [bracket for folder in folders for bracket in _brackets_in(folder)]


def _expanded(inputs: Sequence[str], stdin: TextIO) -> Iterator[Path]:
    for word in inputs:
        if word == STANDARD:
            yield from _expanded([line.rstrip("\r\n") for line in stdin if line.strip()], stdin)
        elif Path(word).exists():
            yield Path(word)
        elif glob.has_magic(word):
            yield from _matches(word)
        else:
            raise InputError(f"Expected an image, a folder or a pattern. Got {word}, which does not exist")


def _matches(pattern: str) -> list[Path]:
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True), key=natural_key)]
    kept = [path for path in found if path.is_dir() or _is_image(path)]
    if not kept:
        raise InputError(f"Expected images or folders that match {pattern}. Got none")
    return kept


def _refuse_twice(paths: Sequence[Path]) -> None:
    seen = set()
    for path in paths:
        if path.resolve() in seen:
            raise InputError(f"Expected each input once. Got {path} twice")
        seen.add(path.resolve())


def _brackets_in(folder: Path) -> list[Bracket]:
    """A folder of images is one bracket, a folder of such folders several."""
    images = _images_in(folder)
    scenes = {path: _images_in(path) for path in _visible(folder) if path.is_dir()}
    scenes = {path: files for path, files in scenes.items() if files}
    if images and scenes:
        choice = f"'{folder}/*.*' or '{folder}/*/'"
        raise InputError(f"Expected images or folders of images in {folder}. Got both: choose by {choice}")
    if not images and not scenes:
        raise InputError(f"Expected images or folders of images in {folder}. Got none")
    found = {folder: images} if images else scenes
    return [Bracket(path.resolve().name, tuple(files), path) for path, files in found.items()]


def _images_in(folder: Path) -> list[Path]:
    """The exposures in a folder: what they are to be compared with is none of them."""
    return [path for path in _visible(folder) if _is_image(path) and not is_reference(path)]


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def _visible(folder: Path) -> list[Path]:
    found = (path for path in folder.iterdir() if not path.name.startswith((".", "__")))
    return sorted(found, key=lambda path: natural_key(path.name))
