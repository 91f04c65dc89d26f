"""Files that end in zeros: what a damaged card, or a copy that was broken off, leaves of a photograph.

Some decoders take zeros for pixels without a word. Others notice, and what is not compressed may be black.
"""

import os
from pathlib import Path
from typing import Final

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import RAW

BELIEVING: Final = frozenset({"JPEG", "WebP", "AVIF", "HEIC", RAW})
"""Kinds whose decoders believe zeros."""
SHARE: Final = 16
"""One part in so many is more than any program fills up with zeros."""
_FEWEST, _STEP = 512, 2**16
_LAST_OF_JPEG = b"\xff\xd9"


def check_end(path: Path, kind: str) -> None:
    """Refuse a file whose end is zeros, unless it is a JPEG that has ended before them.

    Raises:
        InputError: It is, and the kind one of `BELIEVING`.
    """
    size = path.stat().st_size
    if kind not in BELIEVING or size < 2 * _FEWEST:
        return
    zeros = _zeros_at_the_end(path, size)
    if zeros >= max(size // SHARE, _FEWEST) and not (kind == "JPEG" and _ends_at(path, size - zeros)):
        share = f"the last {100 * zeros / size:.0f} % are zeros"
        raise InputError(
            f"Expected a whole {kind} file. Got {path}: {share}, so the card or the copy was damaged"
        )


def _ends_at(path: Path, place: int) -> bool:
    """Whether the last marker of a JPEG stands right before a place."""
    with path.open("rb") as stream:
        stream.seek(max(place - len(_LAST_OF_JPEG), 0))
        return stream.read(len(_LAST_OF_JPEG)) == _LAST_OF_JPEG


def _zeros_at_the_end(path: Path, size: int) -> int:
    """Number of bytes, which takes one short look at a file that has none."""
    with path.open("rb") as stream:
        end = size
        while end > 0:
            begin = max(end - _STEP, 0)
            stream.seek(begin, os.SEEK_SET)
            shown = len(stream.read(end - begin).rstrip(b"\0"))
            if shown:
                return size - begin - shown
            end = begin
    return size
