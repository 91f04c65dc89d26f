"""A pair in which something moves, fused with and without deghosting: time, and peak memory of a process.

    python -m benchmarks.deghost [--megapixels 12] [--exposures 2] [--rounds 3] [--method bandnet]

A ninth of the picture lies elsewhere in the last exposure, so deghosting has work: it replaces what moved.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import alone, memory, note, photographs, ratio, table, take_turns, typical
from hdr_lightning.brackets.bracket import fuse_bracket
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_float
from hdr_lightning.networks.method import resolve

WITHOUT, WITH = "off", "auto"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--exposures", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--method", default="bandnet")
    parser.add_argument("--peak", nargs=2, metavar=("DEGHOST", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.peak:
        fuser(args.method, args.peak[0], Path(args.peak[1]))()
        print(memory())
        return
    with tempfile.TemporaryDirectory() as folder:
        move(photographs(Path(folder), args.megapixels, ".png", count=args.exposures)[-1])
        note("Peaks of memory")
        child = ("benchmarks.deghost", "--method", args.method, "--peak")
        peaks = {word: alone(*child, word, folder) for word in (WITHOUT, WITH)}
        note("Fusions in turn")
        ways = {word: fuser(args.method, word, Path(folder)) for word in (WITHOUT, WITH)}
        costs = take_turns(ways, args.rounds)
    rows = []
    for word, spent in costs.items():
        share, peak = ratio(spent, costs[WITHOUT]), peaks[word] / peaks[WITHOUT]
        times = [f"{typical(spent).cpu:.2f}", f"{share.cpu:.2f}", f"{share.wall:.2f}"]
        rows.append([word, *times, f"{peaks[word]:.0f}", f"{peak:.2f}"])
    header = ["deghost", "processor seconds", "ratio", "by the clock", "peak, MB", "ratio of peaks"]
    what = f"{args.method}, {args.megapixels:g} megapixels, {args.exposures} exposures, {args.rounds} rounds"
    table(what, header, rows)


def move(file: Path) -> None:
    """Put a part of a photograph somewhere else in it."""
    pixels = read_image(file).copy()
    height, width = (side // 3 for side in pixels.shape[:2])
    pixels[:height, :width] = pixels[-height:, -width:][::-1]
    write_image(file, to_float(pixels))


def fuser(method: str, deghost: str, folder: Path) -> Callable[[], object]:
    """A function of no arguments that fuses the exposures of the folder, already decoded."""
    files = sorted(folder.glob("*.png"))
    pixels = [read_image(file) for file in files]
    fusion = resolve(method)
    fusion.deghost = deghosting(deghost)
    names = [file.name for file in files]

    def fuse() -> object:
        fused = fuse_bracket(pixels, fusion, names, align="never", device="cpu")
        if deghost == WITH and not (fused.ghosts is not None and fused.ghosts.any()):
            raise SystemExit("Expected ghosts to be found. Got none")
        return fused

    return fuse


if __name__ == "__main__":
    main()
