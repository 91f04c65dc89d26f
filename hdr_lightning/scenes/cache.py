"""A memory-mapped cache of decoded photographs: each file is decoded once, patches are read from the map."""

import hashlib
import os
import shutil
import time
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.lib.format import dtype_to_descr, open_memmap, write_array_header_1_0
from rich.console import Console
from rich.progress import track

from hdr_lightning.errors import InputError
from hdr_lightning.files import replacing
from hdr_lightning.imaging.brightness import mean_luma
from hdr_lightning.imaging.reading import read_header, read_image

Stack = tuple[Path, ...]
"""The files of one scene, in any order."""

_VERSION = 1  # of what is stored: a new one makes every old entry unknown
_SEAL = 1_000_000_000  # modification time of every finished entry: any later write breaks the seal
_STALE = 3600.0  # seconds after which an unfinished file has no process any more
_GB = 2**30


class CacheError(InputError):
    """What is wrong with the cache itself, and not with a photograph."""


def default_cache_dir() -> Path:
    """`$HDR_LIGHTNING_CACHE`, or `~/.cache/hdr-lightning`."""
    return Path(os.environ.get("HDR_LIGHTNING_CACHE") or "~/.cache/hdr-lightning").expanduser()


class StackCache:
    """Decoded scenes on the disk, one `.npy` file each, of bounded total size.

    An entry is known by the paths, sizes and times of its source files, so it is built anew when one of
    them changes. Entries appear whole or not at all: processes that share a folder do not harm each other.
    A damaged or evicted entry is built again when it is opened.

    Args:
        folder: Where the entries lie; None for `default_cache_dir`.
        max_gb: Size in GiB above which entries that the run does not need are evicted, oldest use first.
    """

    def __init__(self, folder: Path | None = None, max_gb: float = 20.0):
        self.folder = folder or default_cache_dir() / "stacks"
        self.max_gb = max_gb

    def build(self, stacks: Sequence[Stack]) -> None:
        """Decode what is missing, with a progress bar, after evicting what has no room any more.

        Where the output is no terminal, such as in the log of a cluster, every tenth of the work is a line.

        Raises:
            InputError: A bad image, exposures of different size, or no room for what the run needs.
        """
        entries = {self.entry(stack): stack for stack in stacks}
        missing = {entry: stack for entry, stack in entries.items() if not _is_sound(entry)}
        for entry in missing:
            if entry.exists():
                _tell_damaged(entry)
        sizes = {entry: _size_in_bytes(stack) for entry, stack in missing.items()}
        for entry in entries.keys() - missing.keys():
            with suppress(OSError):  # a complete cache may be read-only
                os.utime(entry, (time.time(), _SEAL))
        if missing:
            self._make_room(set(entries), sum(sizes.values()))
            quiet, tenth = not Console().is_terminal, len(missing) // 10
            work = track(missing.items(), "Decoding photographs", transient=True, disable=quiet)
            for done, (entry, stack) in enumerate(work, start=1):
                _store(entry, stack)
                if quiet and tenth and done % tenth == 0:
                    print(f"Decoded the photographs of {done} scenes out of {len(missing)}", flush=True)

    def open(self, stack: Stack) -> np.ndarray:
        """The exposures of a scene: a read-only map (K, H, W, 3), uint8 or uint16, dark to bright.

        The order is that of mean luma. Exposures of 8 bits beside others of 16 are widened to 16.

        Raises:
            InputError: As `build`, when the entry has to be built.
        """
        entry = self.entry(stack)
        if _is_sound(entry):
            try:
                return _opened(entry)
            except FileNotFoundError:  # evicted by another run just now
                pass
            except (OSError, ValueError):
                _tell_damaged(entry)
                entry.unlink(missing_ok=True)
        elif entry.exists():
            _tell_damaged(entry)
        _store(entry, stack)
        return _opened(entry)

    def entry(self, stack: Stack) -> Path:
        """The file in which a stack is, or will be, stored.

        Raises:
            InputError: One of the source files is missing.
        """
        key = hashlib.sha256(str(_VERSION).encode())
        for file in stack:
            try:
                status = file.stat()
            except OSError as error:
                raise InputError(f"Expected an image file. Got {file}: {error.strerror}") from error
            times = f"{status.st_mtime_ns}\0{status.st_ctime_ns}"  # copying programs set the first of the two
            key.update(f"\0{file.absolute()}\0{status.st_size}\0{times}".encode())
        return self.folder / f"{key.hexdigest()[:40]}.npy"

    def _make_room(self, needed: set[Path], extra: int) -> None:
        """Evict until `extra` more bytes fit into the limit; entries in `needed` stay."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise _unwritable(self.folder, error.strerror or str(error)) from error
        for path, status in _stats(self.folder.glob(".*.tmp.npy")).items():
            if time.time() - status.st_mtime > _STALE:
                path.unlink(missing_ok=True)  # left by a process that was killed
        entries = _stats(self.folder.glob("[!.]*.npy"))
        total = extra + sum(status.st_size for status in entries.values())
        for path in sorted(entries.keys() - needed, key=lambda path: entries[path].st_atime):
            if total > self.max_gb * _GB:
                path.unlink(missing_ok=True)
                total -= entries[path].st_size
        if total > self.max_gb * _GB:
            raise CacheError(
                f"Expected a cache limit of at least {total / _GB:.2f} GiB for the photographs of this run. "
                f"Got data.cache_gb={self.max_gb}"
            )
        free = shutil.disk_usage(self.folder).free
        if extra > free:
            raise _unwritable(self.folder, f"{free / _GB:.2f} GiB free where {extra / _GB:.2f} are needed")


def _is_sound(entry: Path) -> bool:
    try:
        return entry.stat().st_mtime == _SEAL
    except OSError:
        return False


def _opened(entry: Path) -> np.ndarray:
    """A map of an entry.

    Raises:
        ValueError: It holds something else than a stack.
    """
    stack = open_memmap(entry, mode="r")
    if stack.ndim != 4 or stack.shape[3] != 3 or stack.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{stack.shape} of {stack.dtype}")
    return stack


def _tell_damaged(entry: Path) -> None:
    warnings.warn(f"{entry}: a damaged entry of the cache, made again from its photographs", stacklevel=3)


def _size_in_bytes(stack: Stack) -> int:
    """The size of the entry of a stack, from the headers of its files."""
    headers = [read_header(file) for file in stack]
    first = headers[0]
    for file, header in zip(stack, headers, strict=True):
        if header[:2] != first[:2]:
            raise InputError(
                f"Expected exposures of one size. Got {first.width} x {first.height} in {stack[0]} "
                f"and {header.width} x {header.height} in {file}"
            )
    return len(stack) * first.height * first.width * 3 * max(header.bits for header in headers) // 8


def _store(entry: Path, stack: Stack) -> None:
    """Decode a stack and write it as one entry, dark to bright."""
    _size_in_bytes(stack)  # names exposures of different size before they are decoded
    planes = [read_image(file) for file in stack]
    if len({plane.dtype for plane in planes}) > 1:
        planes = [plane.astype(np.uint16) * 257 if plane.dtype == np.uint8 else plane for plane in planes]
    planes.sort(key=mean_luma)
    shape = (len(planes), *planes[0].shape)
    layout = {"descr": dtype_to_descr(planes[0].dtype), "fortran_order": False, "shape": shape}
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with replacing(entry) as temporary:
            # plain writes: a full disk would kill a process that writes through a memory map
            with temporary.open("wb") as stream:
                write_array_header_1_0(stream, layout)
                for plane in planes:
                    stream.write(np.ascontiguousarray(plane).data)
                stream.flush()
                os.fsync(stream.fileno())
            os.utime(temporary, (time.time(), _SEAL))
    except OSError as error:
        raise _unwritable(entry.parent, error.strerror or str(error)) from error


def _stats(paths: Iterable[Path]) -> dict[Path, os.stat_result]:
    """The state of those paths that another process has not removed meanwhile."""
    states = {}
    for path in paths:
        with suppress(FileNotFoundError):
            states[path] = path.stat()
    return states


def _unwritable(folder: Path, reason: str) -> CacheError:
    return CacheError(
        f"Expected room to write in the cache folder {folder}. Got: {reason}. "
        "Free some, or set data.cache_dir or HDR_LIGHTNING_CACHE to another place"
    )
