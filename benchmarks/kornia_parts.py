"""Which parts of kornia would do: how far its results are from ours, and how many times our time they take.

    python -m benchmarks.kornia_parts [--rounds 5]

Both work on the same images, in turns. Where kornia is exact and not slower, its part is the one to use.
"""

import argparse
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import kornia
import torch
from torch import Tensor

from benchmarks.losses import scene
from benchmarks.measuring import note, ratio, table, take_turns
from hdr_lightning.blending import pyramid
from hdr_lightning.cues import gradient_magnitude, to_gray
from hdr_lightning.filters import Window, smooth
from hdr_lightning.imaging.brightness import RGB_TO_GRAY

Way = Callable[[Tensor], Tensor]


class Part(NamedTuple):
    """Two ways to compute one thing from images (B, 3, H, W)."""

    kornia: Way
    here: Way
    margin: int = 0  # pixels at the border that are left out of the comparison


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(words)
    images, _ = scene(4, 2, 512)
    rows = [compare(name, part, images, args.rounds) for name, part in PARTS.items()]
    header = ["part", "apart", "apart inside", "kornia's time, of ours"]
    table(f"4 images of 512 x 512, {torch.get_num_threads()} threads", header, rows)


def compare(name: str, part: Part, images: Tensor, rounds: int) -> list[str]:
    note(name)
    apart = (part.kornia(images) - part.here(images)).abs()
    inside = apart[..., part.margin : -part.margin, part.margin : -part.margin] if part.margin else apart
    ways = {"kornia": partial(part.kornia, images), "here": partial(part.here, images)}
    costs = take_turns(ways, rounds)
    times = ratio(costs["kornia"], costs["here"]).cpu
    return [name, f"{apart.max().item():.0e}", f"{inside.max().item():.0e}", f"{times:.2f}"]


def _gradient(images: Tensor) -> Tensor:
    across, down = kornia.filters.spatial_gradient(images, mode="diff", normalized=False).unbind(2)
    return torch.hypot(across, down) / 2


def _gaussian(images: Tensor) -> Tensor:
    return kornia.filters.gaussian_blur2d(images, (11, 11), (1.5, 1.5), "reflect", separable=True)


def _box(images: Tensor) -> Tensor:
    return kornia.filters.box_blur(images, (11, 11), "reflect", separable=True)


def _gray(images: Tensor) -> Tensor:
    return kornia.color.rgb_to_grayscale(images, torch.tensor(RGB_TO_GRAY))


def _up(images: Tensor) -> Tensor:
    return pyramid.up(images[None], 2 * images.shape[-2], 2 * images.shape[-1])[0]


PARTS = {
    "Gaussian window (`filters.smooth`)": Part(_gaussian, lambda x: smooth(x, Window(11, 1.5, "reflect"))),
    "box window (`filters.smooth`)": Part(_box, lambda x: smooth(x, Window(11, None, "reflect"))),
    "gradient (`cues.gradient_magnitude`)": Part(_gradient, gradient_magnitude, margin=1),
    "gray (`cues.to_gray`)": Part(_gray, to_gray),
    "halving (`pyramid.down`)": Part(kornia.geometry.pyrdown, lambda x: pyramid.down(x[None])[0], margin=4),
    "doubling (`pyramid.up`)": Part(kornia.geometry.pyrup, _up, margin=8),
}


if __name__ == "__main__":
    main()
