"""On which levels of a pyramid a network decides about which bands."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import torch
from torch import Tensor

from hdr_lightning.blending.pyramid import up


class Plan(NamedTuple):
    """Where the network works on a pyramid.

    Attributes:
        sizes: Height and width of each level, finest first.
        small: The finest level that the network works on.
        finest: The finest band that it decides about; finer ones take its gains.
        places: For each band the level on which it is decided.
    """

    sizes: Sequence[Sequence[int]]
    small: int
    finest: int
    places: list[int]

    @classmethod
    def of(cls, sizes: Sequence[Sequence[int]], pixels: int, coarseness: int, farthest: int) -> Self:
        """The plan for levels of these sizes.

        Args:
            sizes: Height and width of each level, finest first.
            pixels: Largest level that the network works on.
            coarseness: How many levels above its band it works at least.
            farthest: How many at most.
        """
        last = len(sizes) - 1
        small = next((level for level, size in enumerate(sizes) if math.prod(size) <= pixels), last)
        finest = max(small - farthest, 0)
        above = _above(finest, coarseness, farthest)
        return cls(sizes, small, finest, [min(max(band + above, small), last) for band in range(last + 1)])

    @property
    def last(self) -> int:
        """The coarsest band."""
        return len(self.sizes) - 1

    def fitted(self, gains: Tensor, band: int) -> Tensor:
        """Gains of a band in the size of that band, or half of it."""
        for height, width in reversed(self.sizes[band + 1 : self.places[max(band, self.finest)]]):
            gains = up(gains, height, width)
        return gains

    def stacked(self, exposures: list[list[Tensor]]) -> list[Tensor]:
        """The bands from `finest` on, each (1, K, 1, h, w), with finer ones that are nothing but a size."""
        finer = [
            torch.empty(1, len(exposures), 1, *size, device="meta") for size in self.sizes[: self.finest]
        ]
        return finer + [torch.cat(bands, dim=1) for bands in zip(*exposures, strict=True)]


def levels_above(image: int, pixels: int, coarseness: int, farthest: int) -> int:
    """How many levels above its bands a network works in an image of that size in pixels; see `Plan.of`."""
    small = 0
    while image > pixels * 4**small:
        small += 1
    return _above(max(small - farthest, 0), coarseness, farthest)


def _above(finest: int, coarseness: int, farthest: int) -> int:
    """More than asked for where so many bands are out of reach that the coarse ones want a wide view."""
    return max(coarseness, min(finest, farthest))
