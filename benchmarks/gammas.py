"""How much the hybrid gammas of eq. 5 to 7 differ from those of their cues, raw and brought to one scale.

    python -m benchmarks.gammas MEFB [--scenes 10]

Correlation over the pixels of the gamma maps of the darker of two exposures, windows of 11 pixels, middle of
the image; mean over the scenes. 1.0000 means that the hybrid is the cue, and training with it the same.
"""

import argparse
from pathlib import Path

import torch
from rich.progress import track
from torch import Tensor

from benchmarks.measuring import table
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.scenes import find_scenes

CUES = ("var", "grad", "wellexp")
HYBRIDS = (("var", "grad"), ("grad", "wellexp"), ("var", "wellexp"))
SIDE = 400


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path, help="a data set")
    parser.add_argument("--layout", default="mefb")
    parser.add_argument("--scenes", type=int, default=10, help="evenly out of all")
    args = parser.parse_args(words)
    scenes = find_scenes(args.layout, args.root)
    chosen = scenes[:: max(1, len(scenes) // args.scenes)]
    found = torch.stack([correlations(pair(scene.files)) for scene in track(chosen, transient=True)]).mean(0)
    names = [f"`{'_'.join(cues)}`, {form}" for cues in HYBRIDS for form in ("raw", "one scale")]
    rows = [[name, *(f"{value:.4f}" for value in row)] for name, row in zip(names, found, strict=True)]
    table("Correlation of gamma maps", ["hybrid", *(f"`{cue}`" for cue in CUES)], rows)


def pair(files: tuple[Path, ...]) -> Tensor:
    """The darkest and the brightest exposure (1, 2, 3, h, w), cut to the middle."""
    images = sorted((to_float(read_image(file)) for file in files), key=lambda image: float(image.mean()))
    stack = torch.stack([images[0], images[-1]])[None]
    top, left = (max(0, (side - SIDE) // 2) for side in stack.shape[-2:])
    return stack[..., top : top + SIDE, left : left + SIDE]


def correlations(exposures: Tensor) -> Tensor:
    """Of every hybrid, raw and of one scale, with every cue: (6, 3)."""

    def gamma(cues: tuple[str, ...], normalize: bool) -> Tensor:
        return CueGamma(cues, normalize)(exposures, Window(11))[:, 0].flatten()

    single = [gamma((cue,), False) for cue in CUES]
    hybrids = [gamma(cues, normalize) for cues in HYBRIDS for normalize in (False, True)]
    return torch.corrcoef(torch.stack([*hybrids, *single]))[: len(hybrids), len(hybrids) :]


if __name__ == "__main__":
    main()
