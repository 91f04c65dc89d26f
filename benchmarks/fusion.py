"""Time and peak memory of the fusers beside OpenCV's MergeMertens and enfuse, in one run.

    python -m benchmarks.fusion [--megapixels 12] [--exposures 2] [--rounds 3]

The methods take turns, each from the decoded integers on. Peak memory is that of a process of its own with
one method, its libraries and the decoded exposures. enfuse, where it is installed, reads and writes files,
which its time includes.
"""

import argparse
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2

from benchmarks.measuring import alone, memory, note, photographs, ratio, table, take_turns, typical

REFERENCE, ENFUSE = "OpenCV MergeMertens", "enfuse"
OURS = ("average", "mertens", "variance", "adaptive", "bandnet")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--exposures", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peak", nargs=2, metavar=("METHOD", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.peak:
        print(peak(args.peak[0], Path(args.peak[1])))
        return
    methods = [REFERENCE, *OURS, *([ENFUSE] if shutil.which(ENFUSE) else [])]
    with tempfile.TemporaryDirectory() as folder:
        photographs(Path(folder), args.megapixels, ".tif", count=args.exposures)
        note("Peaks of memory")
        peaks = {name: alone("benchmarks.fusion", "--peak", name, folder) for name in methods}
        note("Fusions in turn")
        costs = take_turns({name: fuser(name, Path(folder)) for name in methods}, args.rounds)
    rows = []
    for name, spent in costs.items():
        times = [f"{typical(spent).wall:.2f}", *(f"{share:.2f}" for share in ratio(spent, costs[REFERENCE]))]
        rows.append([name, *times, f"{peaks[name]:.0f}", f"{peaks[name] / peaks[REFERENCE]:.2f}"])
    header = ["method", "seconds", "ratio", "of processor time", "peak, MB", "ratio of peaks"]
    what = f"{args.megapixels:g} megapixels, {args.exposures} exposures, medians of {args.rounds} rounds"
    table(what, header, rows)


def fuser(name: str, folder: Path) -> Callable[[], object]:
    """A function of no arguments that fuses the exposures of the folder, already decoded."""
    files = sorted(map(str, folder.glob("[!f]*.tif")))
    if name == ENFUSE:
        command = [ENFUSE, "-o", str(folder / "fused.tif"), *files]
        return lambda: subprocess.run(command, check=True, capture_output=True)
    pixels = sorted((cv2.imread(file)[..., ::-1].copy() for file in files), key=lambda x: float(x.mean()))
    if name == REFERENCE:
        return lambda: cv2.createMergeMertens().process(pixels)
    import torch

    from hdr_lightning.fusion.in_turn import fuse_in_turn
    from hdr_lightning.networks.method import resolve

    fusion = resolve(name)

    def fuse() -> object:
        with torch.inference_mode():
            return fuse_in_turn(fusion, pixels)

    return fuse


def peak(name: str, folder: Path) -> float:
    """Megabytes of this process, or of enfuse."""
    fuser(name, folder)()
    if name == ENFUSE:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return memory()


if __name__ == "__main__":
    main()
