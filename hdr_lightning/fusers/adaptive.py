"""Adaptive weights by brightness and by global contrast (the paper, 2.4; Lee, Park, Cho, ICIP 2018)."""

import math
from typing import Literal, get_args

import torch
from torch import Tensor

from hdr_lightning.blending.in_turn import InTurn, Weigh, normalised
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import smooth
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusers.windows import same_size

Weight = Literal["both", "first", "second"]
FLOOR = 1e-12
"""Added to the weights before they are normalised: where all vanish, the exposures share equally."""
NARROWEST = 1e-3
"""Least width of the first weight, for exposures of the same mean luma."""


class Adaptive(Fuser):
    """Weigh dark parts of bright exposures and bright parts of dark ones, and luma that is rare (2.4).

    The first weight is a Gaussian around 1 minus the mean luma of the exposure, the wider the further the
    neighbouring exposures are. The second is one over the slope of the exposure's cumulative histogram
    (256 bins): values that few pixels share. The order of the exposures does not matter.

    Args:
        weight: "first", "second", or "both" for their product.
        a: Width of the first weight in units of the distance between the exposures.
        sigma: Standard deviation in pixels of the Gaussian that smooths the weights.

    Raises:
        InputError: `weight` is unknown, or a number is not positive.
    """

    blending = "multiband"

    def __init__(self, weight: Weight = "both", a: float = 0.75, sigma: float = 5.0) -> None:
        super().__init__()
        if weight not in get_args(Weight):
            raise InputError(f"weight: Expected one of {', '.join(get_args(Weight))}. Got {weight!r}")
        if a <= 0 or sigma <= 0:
            raise InputError(f"a, sigma: Expected positive numbers. Got {a}, {sigma}")
        self.weight, self.a, self.sigma = weight, a, sigma

    def forward(self, exposures: Tensor) -> Tensor:
        """Weights (B, K, 1, H, W), sum to 1 over K, of exposures (B, K, 3, H, W) in [0, 1], K >= 2."""
        luma = to_gray(exposures)
        weights = torch.ones_like(luma)
        if self.weight != "second":
            means = luma.mean(dim=(2, 3, 4))
            weights = _first(luma, means, _spreads(means, self.a))
        if self.weight != "first":
            weights = weights * _second(luma)
        weights = self._smoothed(weights)
        return weights / weights.sum(dim=1, keepdim=True)

    def in_turn(self, exposures: InTurn) -> Weigh:
        """The same for one exposure after the other."""
        count = range(len(exposures))
        means = torch.stack([exposures.gray(number).mean() for number in count])[None]
        spreads = _spreads(means, self.a)
        rare = None
        if self.weight != "first":
            rare = normalised(lambda number: _rarity(exposures.gray(number)), len(exposures))

        def measure(number: int) -> Tensor:
            weights, own = torch.ones(1), slice(number, number + 1)
            if self.weight != "second":
                weights = _first(exposures.gray(number), means[:, own], spreads[:, own])
            if rare is not None:
                weights = weights * rare(number)
            return self._smoothed(weights)

        return normalised(measure, len(exposures))

    def _smoothed(self, weights: Tensor) -> Tensor:
        window = same_size(2 * math.ceil(3 * self.sigma) + 1, self.sigma, weights)
        return smooth(weights, window) + FLOOR


def _spreads(means: Tensor, a: float) -> Tensor:
    """Width of the first weight of each exposure (B, K), from their mean luma (B, K)."""
    ascending, order = means.sort(dim=1)
    # Continued in a straight line at both ends, the neighbours of the first and last give 2a (m_2 - m_1).
    before = 2 * ascending[:, :1] - ascending[:, 1:2]
    after = 2 * ascending[:, -1:] - ascending[:, -2:-1]
    line = torch.cat((before, ascending, after), dim=1)
    return (a * (line[:, 2:] - line[:, :-2])).clamp_min(NARROWEST).gather(1, order.argsort(dim=1))


def _first(luma: Tensor, means: Tensor, spreads: Tensor) -> Tensor:
    means, spreads = (x[:, :, None, None, None] for x in (means, spreads))
    return torch.exp(-((luma - (1 - means)) / spreads).square() / 2)


def _second(luma: Tensor) -> Tensor:
    rarity = torch.stack([_rarity(plane) for plane in luma.flatten(0, 1)]).view_as(luma)
    return rarity / rarity.sum(dim=1, keepdim=True)


def _rarity(luma: Tensor) -> Tensor:
    """One over the number of pixels in the bin of each pixel, which is never empty."""
    bins = luma.clamp(0, 1).mul(255).round().int().flatten()
    count = bins.bincount(minlength=256).to(luma.dtype)
    return count.reciprocal()[bins].view_as(luma)
