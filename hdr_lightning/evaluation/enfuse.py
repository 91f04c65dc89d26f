"""The program enfuse as a method of an evaluation, where it is installed (https://enblend.sourceforge.net)."""

import shutil
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.code import of_code
from hdr_lightning.evaluation.fingerprints import of_parts
from hdr_lightning.evaluation.results import COSTS, Values
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_float

NAME = "enfuse"


class Enfuse:
    """Fuses by the program, with its defaults; it uses as many threads as `OMP_NUM_THREADS` says.

    Raises:
        InputError: It is not installed, or does not run.
    """

    def __init__(self) -> None:
        if shutil.which(NAME) is None:
            raise InputError(
                "methods: Expected the program enfuse on the path (apt install enfuse). Got none"
            )
        self._key = of_parts(_run("--version"), of_code(__name__))

    def key(self, scene: str) -> str:
        """The same for every scene: it changes with the version of the program."""
        return self._key

    def image(self, scene: str, exposures: Tensor) -> tuple[Tensor, Values]:
        """Fuse, and say how long the program took, with reading and writing its files."""
        with TemporaryDirectory(prefix="hdr-lightning-") as name:
            folder = Path(name)
            files = [f"{number}.tif" for number in range(exposures.shape[1])]
            for file, exposure in zip(files, exposures[0], strict=True):
                write_image(folder / file, exposure, bits=16)  # which holds 8 bits exactly
            start = time.perf_counter()
            _run("--compression=none", "--output=fused.tif", *files, folder=folder)
            seconds = time.perf_counter() - start
            image = to_float(read_image(folder / "fused.tif"))[None].to(exposures.device)
        return image, dict.fromkeys(COSTS) | {"seconds": seconds}


def _run(*words: str, folder: Path | None = None) -> str:
    """What the program prints.

    Raises:
        InputError: It fails, or cannot be started.
    """
    try:
        ended = subprocess.run([NAME, *words], cwd=folder, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise InputError(f"methods: Expected the program enfuse to run. Got {error}") from error
    if ended.returncode:
        said = ended.stderr.split("\n")
        reason = next((line for line in reversed(said) if line.strip()), f"status {ended.returncode}")
        raise InputError(f"Expected the program enfuse to end well. Got {reason.strip()}")
    return ended.stdout
