"""What each option of hdr-fuse costs, in time and in memory, against the plain run.

    python -m benchmarks.options [--megapixels 6] [--rounds 3] [--only=--preview]

Every run is a process of its own, from the start to the written file. The ratios are those of the processor
time, which other work on the machine hardly changes, and of the peak of memory.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measuring import alone, memory, photographs, ratio, table, take_turns, typical

PLAIN = "plain"
OPTIONS: dict[str, tuple[str, ...]] = {
    PLAIN: ("a.jpg",),
    "--align never": ("a.jpg", "--align", "never"),
    "--deghost off": ("a.jpg", "--deghost", "off"),
    "--align never --deghost off": ("a.jpg", "--align", "never", "--deghost", "off"),
    "--highlights -0.5": ("a.jpg", "--highlights", "-0.5"),
    "--saturation 0.5": ("a.jpg", "--saturation", "0.5"),
    "--wrap": ("a.jpg", "--wrap"),
    "--hdr": ("a.jpg", "--hdr"),
    "to .exr": ("a.exr",),
    "to .png": ("a.png",),
    "16 bits, TIFF to TIFF": ("a.tif",),
    "--method mertens": ("a.jpg", "--method", "mertens"),
    "--preview": ("a.jpg", "--preview"),
    "--preview, of TIFF": ("b.jpg", "--preview"),
}
"""Names of the options to the output and the words; TIFF is read where the name says so."""
ONCE = "once"


def main(words: list[str] | None = None) -> None:
    words = sys.argv[1:] if words is None else words
    if words[:1] == [ONCE]:
        fuse_once(words[1:])
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", action="append", choices=OPTIONS, metavar="OPTION", help="and the plain run"
    )
    args = parser.parse_args(words)
    wanted = [name for name in OPTIONS if name == PLAIN or name in (args.only or OPTIONS)]
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        files = bracket(Path(place), args.megapixels)
        ways = {name: partial(run, name, Path(place), files, peaks) for name in wanted}
        costs = take_turns(ways, args.rounds)
    rows = [
        [
            f"`{name}`" if name.startswith("-") else name,
            f"{typical(spent).cpu:.1f}",
            f"{ratio(spent, costs[PLAIN]).cpu:.2f}",
            f"{peaks[name] / peaks[PLAIN]:.2f}",
        ]
        for name, spent in costs.items()
    ]
    title = f"Three exposures of {args.megapixels:g} megapixels, medians of {args.rounds} rounds"
    table(title, ["option", "seconds of the processor", "of the plain time", "of its memory"], rows)


def bracket(folder: Path, megapixels: float) -> dict[str, list[Path]]:
    """Three exposures as JPEG of 8 and as TIFF of 16 bits."""
    shallow = photographs(folder, megapixels, count=3)
    deep = [file.with_suffix(".tif") for file in shallow]
    for file, other in zip(shallow, deep, strict=True):
        cv2.imwrite(str(other), np.asarray(cv2.imread(str(file)), np.uint16) * 257)
    return {"jpg": shallow, "tif": deep}


def run(name: str, place: Path, files: dict[str, list[Path]], peaks: dict[str, float]) -> None:
    """Fuse once in a process of its own, and keep the highest peak of its memory."""
    output, *words = OPTIONS[name]
    inputs = files["tif" if "TIFF" in name else "jpg"]
    command = [*map(str, inputs), *words, "-o", str(place / output), "--force"]
    found = alone("benchmarks.options", ONCE, *command)
    peaks[name] = max(peaks.get(name, 0.0), found["memory"])


def fuse_once(words: Sequence[str]) -> None:
    """Fuse, and print the peak of memory in megabytes."""
    from hdr_lightning.commands.fuse import main as fuse

    fuse(list(words))
    print(json.dumps({"memory": memory()}))


if __name__ == "__main__":
    main()
