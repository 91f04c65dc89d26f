"""Bands finer than what `BandNet` looks at: the shares of the variance, times gains of a coarser band."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from hdr_lightning.blending.pyramid import gaussian, up
from hdr_lightning.filters import strips
from hdr_lightning.fusers.band_plan import Plan

FLOOR = 1e-4
"""Variance below which a pixel counts as flat, as in eq. 4; also the least share of an exposure."""


class FinerBands:
    """The weights of the finest bands, one exposure after the other.

    Args:
        share: Number of an exposure to its shares of the variance (1, 1, 1, H, W).
        gains: Those of the band below (1, K + 1, 1, h, w); the last of them is the boost.
        plan: Sizes of the bands, and how many are finer.
    """

    def __init__(self, share: Callable[[int], Tensor], gains: Tensor, plan: Plan) -> None:
        self.share, self.gains, self.plan = share, gains, plan
        self.sums = [torch.zeros(1, 1, 1, *plan.sizes[band]) for band in range(plan.finest)]
        count = gains.shape[1] - 1
        for number in range(count):
            for own, gain, total in zip(self._shares(number), self._gains(number), self.sums, strict=True):
                for rows in strips(total):
                    total[..., rows, :].add_(raised(own, gain, rows))
        for boost, total in zip(self._gains(count), self.sums, strict=True):
            for rows in strips(total):
                total[..., rows, :].div_(grown(boost, total, rows))

    def weights(self, number: int) -> list[Tensor]:
        """The weights (1, 1, 1, H, W) of an exposure in each of these bands, finest first.

        They are made in place of its shares, so they can be asked for once.
        """
        bands = self._shares(number)
        for own, gain, total in zip(bands, self._gains(number), self.sums, strict=True):
            for rows in strips(total):
                torch.div(raised(own, gain, rows), total[..., rows, :], out=own[..., rows, :])
        return bands

    def _shares(self, number: int) -> list[Tensor]:
        return gaussian(self.share(number), self.plan.finest - 1) if self.plan.finest else []

    def _gains(self, number: int) -> Iterator[Tensor]:
        """In the size of each band or half of it: as large as that they are only while they are needed."""
        own = self.gains[:, number : number + 1]
        return (self.plan.fitted(own, band) for band in range(self.plan.finest))


def raised(shares: Tensor, gains: Tensor, rows: slice) -> Tensor:
    """Rows of shares (B, K, 1, H, W) times their gains, see `grown`."""
    return (shares[..., rows, :] + FLOOR) * grown(gains, shares, rows)


def grown(gains: Tensor, like: Tensor, rows: slice) -> Tensor:
    """Rows of gains (B, K, 1, h, w), which have the size of (B, K, 1, H, W) or half of it, in that size."""
    height, width = like.shape[-2:]
    return gains[..., rows, :] if gains.shape[-2:] == (height, width) else up(gains, height, width, rows)
