"""Networks on large photographs: seconds, peak memory, and tiles beside the whole image with every blending.

    python -m benchmarks.inference [--megapixels 12 24] [--widths 0.25]

Each measurement is a process of its own, with its libraries and the decoded pair in the peak; the time is
that of one fusion. Whole images and equality are tried at a width whose feature maps of them take some 6 GB.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.measuring import alone, clock, memory, note, photographs, since, table
from hdr_lightning.fusers import VGG
from hdr_lightning.fusion import Fusion, finish
from hdr_lightning.fusion.tiling import TILE, fuse_in_tiles, weigh_in_tiles
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.networks.method import resolve

BLENDINGS = (
    *("weighted_sum", "multiband", "weighted_sum:ycbcr", "multiband:ycbcr"),
    *("multiband:in_range", "multiband:matched"),
)
UNTILED = 1.5  # width times megapixels of a whole image


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[12, 24])
    parser.add_argument("--widths", type=float, nargs="+", default=[0.25])
    parser.add_argument("--tile", type=int, default=TILE)
    parser.add_argument("--child", nargs=3, metavar=("WHAT", "WIDTH", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.child:
        what, width, folder = args.child
        print(json.dumps(measure(what, float(width), Path(folder), args.tile)))
        return
    rows = []
    for megapixels in args.megapixels:
        with tempfile.TemporaryDirectory() as folder:
            photographs(Path(folder), megapixels, ".png")
            rows += [[f"{megapixels:g}", *row] for row in compare(folder, megapixels, args)]
    header = [
        "megapixels",
        "network",
        "blending",
        "seconds",
        "of the processor",
        "peak, MB",
        "tiled - untiled",
    ]
    table(f"Two exposures, tiles of {args.tile} pixels, {torch.get_num_threads()} threads", header, rows)


def compare(folder: str, megapixels: float, args: argparse.Namespace) -> list[list[str]]:
    def child(what: str, width: float) -> dict[str, Any]:
        note(f"{megapixels:g} megapixels: {what}, width {width:g}")
        words = ("--child", what, str(width), folder, "--tile", str(args.tile))
        told: dict[str, Any] = alone("benchmarks.inference", *words)
        return told

    fits = min(max(args.widths), UNTILED / megapixels)
    jobs = [
        ("bandnet", "multiband:in_range", 0.0),
        *(("tiled", "multiband", width) for width in args.widths),
        ("tiled", "weighted_sum", fits),
        ("untiled", "weighted_sum", fits),
    ]
    rows = []
    for what, blending, width in jobs:
        told = child(f"{what}+{blending}", width)
        name = what if what == "bandnet" else f"`vgg` of width {width:g}, {what}"
        spent = [f"{told['wall']:.1f}", f"{told['cpu']:.1f}", f"{told['peak']:.0f}"]
        rows.append([name, f"`{blending}`", *spent, ""])
    apart = child("apart", fits)
    for blending, distance in apart.items():
        if distance > 1e-4:
            raise SystemExit(
                f"Expected equal images with {blending}. Got {distance:.1e} between tiles and whole"
            )
    worst = max(apart.values())
    rows.append([f"`vgg` of width {fits:g}, both", "each", "", "", "", f"at most {worst:.0e}"])
    return rows


@torch.inference_mode()
def measure(what: str, width: float, folder: Path, tile: int) -> dict[str, float]:
    exposures = torch.stack([to_float(read_image(folder / f"{name}.png")) for name in ("under", "over")])[
        None
    ]
    if what == "apart":
        return apart(exposures, width, tile)
    way, blending = what.split("+")
    if way == "bandnet":
        fusion = resolve(what)
    else:
        fusion = Fusion(network(width, exposures), resolve(f"average+{blending}").blending)
    start = clock()
    _ = fuse_in_tiles(fusion, exposures, tile) if way == "tiled" else fusion(exposures)
    return {**since(start)._asdict(), "peak": memory()}


def apart(exposures: Tensor, width: float, tile: int) -> dict[str, float]:
    """The largest distance of a value of the tiled image from the untiled one, by blending."""
    fuser = network(width, exposures)
    whole, tiled = fuser(exposures), weigh_in_tiles(fuser, exposures, tile)
    if not 0.05 < whole.std() < 0.4:
        raise SystemExit(f"Expected weights that vary, not only 0 and 1. Got a deviation of {whole.std()}")
    found = {}
    for name in BLENDINGS:
        blending = resolve(f"average+{name}").blending
        images = [finish(blending(exposures, weights), weights).image for weights in (whole, tiled)]
        found[name] = (images[0] - images[1]).abs().max().item()
    return found


def network(width: float, exposures: Tensor) -> VGG:
    """The paper's network with weights that vary as a trained one's do, and seldom reach 0 or 1."""
    torch.manual_seed(0)
    built = VGG(width)
    for layer in built.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    built(exposures[..., :256, :256])  # the statistics of a part become the network's
    nn.init.normal_(built.head.weight, std=width**-0.5 / 8)
    return built.eval()


if __name__ == "__main__":
    main()
