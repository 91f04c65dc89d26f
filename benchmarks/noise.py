"""Noise that a fusion adds: how far the result moves where every exposure is noisy.

    python -m benchmarks.noise BRACKET [BRACKET ...] [--methods bandnet mertens] [--sigma 3.5] [--side 600]

A BRACKET is a folder with five exposures or more of one scene. They are scaled down, and three, four and five
of them, evenly spread from dark to bright, are fused twice: as they are, and with Gaussian noise of `sigma`
levels of 255 in every colour. The table has the standard deviation of the difference, in levels.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from benchmarks.measuring import table
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.networks.method import resolve

COUNTS = (3, 4, 5)
SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("brackets", type=Path, nargs="+", metavar="BRACKET")
    parser.add_argument("--methods", nargs="+", default=["bandnet", "bandnet:score", "mertens", "variance"])
    parser.add_argument("--sigma", type=float, default=3.5)
    parser.add_argument("--side", type=int, default=600)
    args = parser.parse_args(words)
    brackets = [exposures(folder, args.side) for folder in args.brackets]
    rows = []
    for method in args.methods:
        added = [
            noise_added(method, bracket, args.sigma) for bracket in track(brackets, method, transient=True)
        ]
        rows.append([method, *(f"{mean:.2f}" for mean in np.mean(added, axis=0))])
    table("Standard deviation added, gray levels", ["method", *(f"{n} exposures" for n in COUNTS)], rows)


def exposures(folder: Path, side: int) -> Tensor:
    """The exposures (K, 3, H, W) of a folder, dark to bright, of which the longer side is at most `side`."""
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in SUFFIXES)
    if len(files) < max(COUNTS):
        raise SystemExit(f"error: Expected at least {max(COUNTS)} exposures. Got {len(files)} in {folder}")
    images = sorted((scaled(read_image(file), side) for file in files), key=np.mean)
    return torch.stack([to_float(image) for image in images])


def scaled(image: np.ndarray, side: int) -> np.ndarray:
    factor = side / max(image.shape[:2])
    return (
        image if factor >= 1 else cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )


@torch.inference_mode()
def noise_added(method: str, bracket: Tensor, sigma: float) -> list[float]:
    """For each of `COUNTS` the standard deviation of what noise changes, in levels."""
    fuser, added = resolve(method), []
    for count in COUNTS:
        clean = bracket[np.linspace(0, len(bracket) - 1, count).round().astype(int)][None]
        noise = sigma * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
        noisy = (255 * clean + noise).round().clamp(0, 255) / 255
        added.append(255 * float((fuser(noisy).image - fuser(clean).image).std()))
    return added


if __name__ == "__main__":
    main()
