"""Files from the browser into the folder of a session: names, sizes and room are checked."""

import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES

LARGEST_FILE = 2 * 2**30
LARGEST_SESSION = 32 * 2**30
"""Bytes that one browser may bring."""
_DEPTH, _LONGEST = 2, 200
_SPARE = 2**30


def place_of(name: str, folder: Path) -> Path:
    """Where a file of that name goes: into the folder, or a folder in it.

    Raises:
        InputError: The name leads elsewhere, is taken, or is no picture's.
    """
    parts = name.split("/")
    plain = all(part.strip(". ") and not part.startswith(".") for part in parts)
    if not plain or len(parts) > _DEPTH or "\\" in name or not name.isprintable():
        raise InputError(f"Expected the name of a file. Got {name[:_LONGEST]!r}")
    if any(len(part.encode()) > _LONGEST for part in parts):
        raise InputError(
            f"Expected a name of at most {_LONGEST} bytes. Got {len(name.encode())}: {name[:40]}"
        )
    if PurePosixPath(name).suffix.lower() not in IMAGE_SUFFIXES:
        raise InputError(f"Expected a photograph. Got {name}")
    place = folder.joinpath(*parts)
    if place.exists():
        raise InputError(f"Expected each file once. Got {name} twice")
    return place


async def receive(place: Path, folder: Path, chunks: AsyncIterator[bytes], announced: int) -> None:
    """Write a file, whole or not at all.

    Args:
        place: See `place_of`.
        folder: Of all files of the session.
        chunks: The content.
        announced: Bytes that are said to come.

    Raises:
        InputError: It is too large, or there is no room for it.
    """
    held = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    most = min(LARGEST_FILE, LARGEST_SESSION - held, shutil.disk_usage(folder).free - _SPARE)
    _check(place, announced, most)
    place.parent.mkdir(exist_ok=True)
    part = place.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as stream:
            async for chunk in chunks:
                stream.write(chunk)
                _check(place, stream.tell(), most)
        part.replace(place)
    except OSError as error:
        raise InputError(f"Expected room for {place.name}. Got: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _check(place: Path, size: int, most: int) -> None:
    if size > most:
        raise InputError(f"Expected at most {max(most, 0) // 2**20} MB for {place.name}. Got more")
