"""Names as people type them for `hdr-fuse`: files, folders, patterns and lists become brackets."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from hdr_lightning.brackets.card import Grouping, group, photographs_of
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES
from hdr_lightning.imaging.marks import is_result_file
from hdr_lightning.scenes.scene import is_reference, natural_key

STANDARD = "-"
"""Names from standard input, or the image to standard output."""


CARD = "DCIM"
"""The folder of a camera's card in which its folders of photographs are (DCF 2.0)."""


@dataclass(frozen=True)
class Bracket:
    """Exposures of one scene.

    Attributes:
        name: The folder's name, or the name of the first of loose files.
        files: The exposures in any order; a single one is fused with itself.
        folder: Where they lie together; None for loose files.
        found: Whether they were found to belong together, rather than named so.
    """

    name: str
    files: tuple[Path, ...]
    folder: Path | None = None
    found: bool = False


class Found(NamedTuple):
    """Brackets, and lines about the photographs that are in none."""

    brackets: list[Bracket]
    left_out: list[str]


def find_brackets(words: Sequence[str], stdin: TextIO, grouping: Grouping = None) -> Found:
    """The brackets that the words of the command line name, in their order.

    Args:
        words: Files of one bracket, or folders, or patterns of either, or `-` for a list of them.
        stdin: Where `-` reads, one name a line.
        grouping: How the photographs of a folder become brackets, and loose files where it is not None: see
            `card.Grouping`.

    Raises:
        InputError: Something is not there, given twice, or a mixture of files and folders.
    """
    paths = list(_expanded(words, stdin))
    folders = [path for path in paths if path.is_dir()]
    if not paths:
        raise InputError("Expected exposures to fuse. Got none")
    _refuse_twice(paths)
    if not folders and grouping is None:
        kept, left_out = photographs_of(paths)
        return Found([Bracket(kept[0].stem, tuple(kept))], left_out)
    if not folders:
        return _joined([_brackets_of(paths, None, "", grouping)])
    if len(folders) < len(paths):
        loose = next(path for path in paths if not path.is_dir())
        raise InputError(f"Expected the files of one bracket, or folders. Got both: {loose} and {folders[0]}")
    return _joined([found for folder in folders for found in _brackets_in(folder, grouping)])


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
    # folders that are there mean themselves, whatever brackets their names have
    base = next((folder for folder in Path(pattern).parents if folder.is_dir()), Path())
    rest = str(Path(pattern).relative_to(base)) + ("/" if pattern.endswith("/") else "")
    names = glob.glob(str(Path(glob.escape(str(base)))) + "/" + rest, recursive=True)
    found = [Path(name) for name in sorted(names, key=natural_key)]
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


def _joined(parts: Sequence[Found]) -> Found:
    brackets = [bracket for found in parts for bracket in found.brackets]
    left_out = [line for found in parts for line in found.left_out]
    if not brackets:
        raise InputError(f"Expected a bracket. Got single photographs: {'; '.join(left_out)}")
    return Found(brackets, left_out)


def _brackets_of(files: Sequence[Path], folder: Path | None, within: str, grouping: Grouping) -> Found:
    """The brackets among files, called like the folder if they are one, otherwise by their first files."""
    runs, left_out, found = group(files, grouping)
    if folder is not None and len(runs) == 1 and not left_out:
        return Found([Bracket(folder.resolve().name, tuple(runs[0]), folder, found)], [])
    return Found([Bracket(within + run[0].stem, tuple(run), folder, found) for run in runs], left_out)


def _brackets_in(folder: Path, grouping: Grouping) -> list[Found]:
    """A folder of images holds one bracket or several; so does each of those in a folder of such folders."""
    images = _images_in(folder)
    scenes = {path: _images_in(path) for path in _visible(folder) if path.is_dir()}
    scenes = {path: files for path, files in scenes.items() if files}
    if images and scenes:  # results of the last time may lie in folders of their own
        scenes = {path: files for path, files in scenes.items() if not all(map(is_result_file, files))}
    if images and scenes:
        choice = f"'{folder}/*.*' or '{folder}/*/'"
        raise InputError(f"Expected images or folders of images in {folder}. Got both: choose by {choice}")
    if not images and not scenes:
        if (folder / CARD).is_dir():
            return _brackets_in(folder / CARD, grouping)
        raise InputError(f"Expected images or folders of images in {folder}. Got none")
    if images:
        return [_brackets_of(images, folder, "", grouping)]
    return [_brackets_of(files, path, f"{path.name}/", grouping) for path, files in scenes.items()]


def _images_in(folder: Path) -> list[Path]:
    """The exposures in a folder: what they are to be compared with is none of them."""
    return [path for path in _visible(folder) if _is_image(path) and not is_reference(path)]


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def _visible(folder: Path) -> list[Path]:
    found = (path for path in folder.iterdir() if not path.name.startswith((".", "__")))
    return sorted(found, key=lambda path: natural_key(path.name))
