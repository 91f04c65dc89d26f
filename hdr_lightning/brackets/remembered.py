"""Steps of a fusion that are remembered, so that what is asked for again costs only what has changed."""

import warnings
import zlib
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdr_lightning.brackets.agreeing import Agreed, agree
from hdr_lightning.brackets.exposures import Exposures, read_exposures
from hdr_lightning.fusion.deghost import Deghost


class Remembered:
    """The last result of a step, and what it warned of."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._result: Any = None
        self._warnings: list[warnings.WarningMessage] = []

    def __call__(self, key: Hashable, work: Callable[[], Any]) -> Any:
        """What `work` returns, or returned the last time if the key is that of the last time."""
        if key != self._key:
            self._key = self._result = None
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                self._result = work()
            self._key, self._warnings = key, warned
        for warning in self._warnings:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        return self._result


class RememberedSteps:
    """What was read and made to agree last."""

    def __init__(self) -> None:
        self._read, self._agreed = Remembered(), Remembered()
        self._of: tuple[Hashable, ...] = ()
        self._photographs: Sequence[np.ndarray] = ()

    def read(self, files: Sequence[Path], side: int | None) -> Exposures:
        """As `read_exposures`."""
        self._of = (side, *((str(file), *_version(file)) for file in files))
        found: Exposures = self._read(self._of, lambda: read_exposures(files, side))
        self._photographs = found.photographs
        return found

    def together(
        self,
        photographs: Sequence[np.ndarray],
        deghost: Deghost | None,
        names: Sequence[str],
        *how: Any,
    ) -> Agreed:
        """As `agree`, of what was read last, and perhaps turned and made wider since."""
        words = tuple(word for word in how if isinstance(word, str | int | None))
        as_read = photographs is self._photographs
        made = () if as_read else (photographs[0].shape, *(zlib.crc32(image.data) for image in photographs))
        self._of += (deghost and deghost.sensitivity, *made, *words)
        found: Agreed = self._agreed(self._of, lambda: agree(photographs, deghost, names, *how))
        return found


def _version(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size
