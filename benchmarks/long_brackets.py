"""Long brackets: what methods make of up to 30 exposures of a scene.

    python -m benchmarks.long_brackets BRACKET [BRACKET ...] [--counts 2 9 18 30] [--methods bandnet mertens]

A BRACKET is a folder with five exposures or more of one scene. They are scaled down, and as many as asked for
are spread evenly from the darkest to the brightest. What lies between two photographs is their geometric mean
in whole levels: the exposure between, where the camera follows a power law. The tables have, for every count,
the mean MEF-SSIM and the mean chroma kept.
"""

import argparse
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from benchmarks.measuring import table
from benchmarks.noise import exposures
from hdr_lightning.metrics import chroma_kept, mef_ssim
from hdr_lightning.networks.method import resolve

COUNTS = [2, 9, 18, 30]


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("brackets", type=Path, nargs="+", metavar="BRACKET")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--methods", nargs="+", default=["bandnet", "bandnet:score", "mertens", "variance"])
    parser.add_argument("--side", type=int, default=600)
    args = parser.parse_args(words)
    brackets = [exposures(folder, args.side) for folder in args.brackets]
    scores = {
        method: [
            [scored(method, between(bracket, count)) for bracket in track(brackets, f"{method}, {count}")]
            for count in args.counts
        ]
        for method in args.methods
    }
    for place, title in enumerate(["MEF-SSIM", "Chroma kept"]):
        rows = [
            [method, *(f"{mean(score[place] for score in scenes):.4f}" for scenes in counts)]
            for method, counts in scores.items()
        ]
        table(title, ["method", *(f"{count} exposures" for count in args.counts)], rows)


def between(bracket: Tensor, count: int) -> Tensor:
    """`count` exposures (count, 3, H, W), evenly from the first to the last of a bracket (K, 3, H, W)."""
    places = np.linspace(0, len(bracket) - 1, count)
    made = []
    for place in places:
        darker = min(int(place), len(bracket) - 2)
        share = place - darker
        made.append(bracket[darker] ** (1 - share) * bracket[darker + 1] ** share)
    return (255 * torch.stack(made)).round() / 255


@torch.inference_mode()
def scored(method: str, bracket: Tensor) -> tuple[float, float]:
    """MEF-SSIM and chroma kept of what a method makes of a bracket."""
    image = resolve(method)(bracket[None]).image
    return float(mef_ssim(image, bracket[None])), float(chroma_kept(image, bracket[None]))


if __name__ == "__main__":
    main()
