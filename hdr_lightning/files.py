"""Files that appear whole or not at all, and names for them."""

import csv
import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hdr_lightning.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A fresh name beside `path` to write to, renamed to `path` at the end, or removed after an error."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; its folder is made when missing.

    Raises:
        InputError: The disk refuses the file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InputError(f"Expected a writable place for {path}. Got: {error.strerror or error}") from error


def write_csv(file: Path, columns: list[str], rows: list[list[Any]]) -> None:
    """Write a CSV file so that a reader never sees half of it.

    Raises:
        InputError: The disk refuses it.
    """
    try:
        with replacing(file) as part, part.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        raise InputError(f"{file}: Expected a file that can be written. Got: {error}") from error


def file_names(names: Iterable[str]) -> dict[str, str]:
    """A file name for every name, no two alike, also where upper and lower case count as one."""
    taken: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "_"
        alike = plain.lower() in (other.lower() for other in taken.values())
        taken[name] = f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}" if alike else plain
    return taken
