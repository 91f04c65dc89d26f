"""BandNet: one small network that weighs every band of the Laplacian pyramid, from coarse to fine.

MEF-SSIM asks each place for the strongest contrast of the exposures, and the range [0, 1] does not hold all
of these contrasts at once unless the coarse bands make room for the fine ones. So every band gets weights of
its own, and before it weighs a band the network sees what the coarser ones have made of the image. Where the
exposures disagree, a mixture of them is weaker than each: so a band may also be amplified.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Self

import torch
from torch import Tensor, nn

from hdr_lightning.blending.in_turn import InTurn, Weigh, normalised
from hdr_lightning.blending.pyramid import add_band, depth, down, gaussian, halvings, up, weigh
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.filters import strips
from hdr_lightning.fusers.band_cues import (
    CUES,
    STRUCTURE,
    agreement_of,
    contrast_of,
    cues_of,
    success_of,
)
from hdr_lightning.fusers.band_plan import Plan, levels_above
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusers.brightness import PIXELS, Brightness
from hdr_lightning.fusers.finer_bands import FLOOR, FinerBands, grown, raised
from hdr_lightning.planes import plain

LARGEST_LOGIT, LARGEST_BOOST = 6.0, 0.7
"""Bounds the logarithms smoothly: without a limit the gains run away and the training is not stable."""
FARTHEST = 2
"""How many levels above its band the network still works; finer bands take the gains of the band below."""
SLOPE = 0.2
"""Of the units below zero: with plain ReLU most of them died in training, 23 of 32 in the first layer."""


class BandNet(Fuser):
    """Weights for every band: the shares of the local variance (eq. 4) times gains, and a boost of the band.

    The network is the same for every band and every exposure. It climbs from the coarsest band to the finest
    and carries its state along, so it takes images of any size, and any number of exposures in any order. It
    works on a pyramid level `coarseness` above its band, 4 times fewer pixels for 1: the variance has the
    fine detail already. Untrained, all gains are 1.

    Args:
        features: Channels of the state that is carried from band to band.
        codes: Channels that carry what the finer bands hold to the coarser ones.
        layers: 3x3 convolutions to a band.
        coarseness: How many levels above its band the network works; 2 where two bands or more are
            out of its reach (8 megapixels), because the coarse bands want a wide view.
        bands: How many of the finest bands have a scale and a shift of their own; the rest share the last.
        pixels: Largest pyramid level that the network works on, for finer bands too. Those that are more than
            two levels finer, two of 12 megapixels, take the gains of the band below them.
        brightness: Channels of a second network that mixes the coarsest two bands, see `Brightness`; 0: none.

    Raises:
        InputError: A number is out of its range.
    """

    blending = "multiband:matched"

    def __init__(
        self,
        features: int = 48,
        codes: int = 16,
        layers: int = 3,
        coarseness: int = 1,
        bands: int = 8,
        pixels: int = PIXELS,
        brightness: int = 0,
    ) -> None:
        super().__init__()
        if min(features, codes, coarseness, bands, pixels) < 1 or layers < 2 or brightness < 0:
            raise InputError(
                "model: Expected features, codes, coarseness, bands and pixels of at least 1, layers of at "
                f"least 2, brightness of at least 0. Got {features}, {codes}, {coarseness}, {bands}, "
                f"{pixels}, {layers} and {brightness}"
            )
        self.features, self.codes, self.coarseness, self.pixels = features, codes, coarseness, pixels
        self.read = nn.Sequential(_conv(CUES + codes, codes), _bent(), _conv(codes, codes))
        seen = CUES + codes + 4 + features
        self.own, self.others = _conv(seen, features), _conv(seen, features, bias=False)
        self.scale, self.shift = (nn.Parameter(torch.zeros(bands, features)) for _ in range(2))
        between = (layer for _ in range(layers - 2) for layer in (_conv(features, features), _bent()))
        self.think = nn.Sequential(_bent(), *between, _conv(features, features))
        self.head = nn.Sequential(_bent(), nn.Conv2d(features, 2, kernel_size=1))
        for parameter in self.head.parameters():
            nn.init.zeros_(parameter)
        self.brightness = Brightness(brightness) if brightness else None

    def forward(self, exposures: Tensor) -> list[Tensor]:
        """Weigh the bands of exposures (B, K, 3, H, W) in [0, 1].

        Returns:
            For each band, finest first, weights (B, K, 1, H', W'). Their sum over K is the boost of the
            band, between 0.5 and 2; that of the coarsest is 1.
        """
        gray = gaussian(to_gray(exposures), depth(exposures))
        plan = self._plan([image.shape[-2:] for image in gray])
        variance = contrast_of(gray[0])
        shares = gaussian(_normalised(variance.clamp_min(FLOOR)), plan.last)
        weights, gains = self._decide(gray, shares, {0: variance}, plan)
        for band in range(plan.finest):
            weights[band] = _weights(shares[band], plan.fitted(gains, band), amplified=True)
        return [weights[band] for band in range(len(gray))]

    def in_turn(self, exposures: InTurn) -> Weigh:
        """The same for one exposure after the other: only the bands that the network sees are held of all."""
        plan = self._plan(halvings(*exposures.size))
        gray = self._coarse(exposures.gray, len(exposures), plan)
        share = normalised(lambda n: contrast_of(exposures.gray(n)).clamp_min_(FLOOR), len(exposures))
        weights, gains = self._decide(gray, self._coarse(share, len(exposures), plan), {}, plan)
        del gray
        finer = FinerBands(share, gains, plan)

        def weigh(number: int) -> list[Tensor]:
            own = slice(number, number + 1)
            coarser = [weights[band][:, own] for band in range(plan.finest, plan.last + 1)]
            return finer.weights(number) + coarser

        return weigh

    def reduced_from(self, pixels: int) -> Self:
        """A fuser that works as many levels above a band as this one does in images of that many pixels."""
        reduced = copy(self)
        reduced.coarseness = levels_above(pixels, self.pixels, self.coarseness, FARTHEST)
        return reduced

    def _plan(self, sizes: Sequence[Sequence[int]]) -> Plan:
        return Plan.of(sizes, self.pixels, self.coarseness, FARTHEST)

    @staticmethod
    def _coarse(maps: Callable[[int], Tensor], count: int, plan: Plan) -> list[Tensor]:
        """The bands of maps that the network sees; backwards, so that the first is at hand for the next."""
        backwards = [gaussian(maps(number), plan.last)[plan.finest :] for number in reversed(range(count))]
        return plan.stacked(backwards[::-1])

    def _decide(
        self, gray: list[Tensor], shares: list[Tensor], variances: dict[int, Tensor], plan: Plan
    ) -> tuple[dict[int, Tensor], Tensor]:
        """What the network makes of the bands that it sees: their weights, and the gains of finer ones."""
        variances |= {
            band: contrast_of(gray[band]) for band in range(plan.finest, len(gray)) if band not in variances
        }
        cues = self._look(gray, shares, plan.places, variances, plan.finest)
        state = _zeros(gray[-1], self.features)
        preview, previewed = gray[-1].mean(1), plan.last + 1
        weights: dict[int, Tensor] = {}
        looked_at = min(plan.small, plan.last)
        bright = {} if self.brightness is None else self.brightness.of_bands(gray, looked_at)
        for band in reversed(range(plan.finest, len(gray))):
            place = plan.places[band]
            if place in weights and place < previewed:
                preview, previewed = _preview(preview, gray, weights, place), place
            contrast = variances[place]
            state = self._step(band, state, cues[band], preview.unsqueeze(1), gray[place], contrast)
            gains = self._gains(state, gray[place])
            own = _weights(shares[band], plan.fitted(gains, band), amplified=band < plan.last)
            weights[band] = bright.get(band, own)
        return weights, gains

    def _look(
        self,
        gray: list[Tensor],
        shares: list[Tensor],
        places: list[int],
        variances: dict[int, Tensor],
        finest: int,
    ) -> dict[int, Tensor]:
        """What there is to see for each band (B, K, CUES + codes, h, w), gathered from fine to coarse."""
        seen: dict[int, Tensor] = {}
        codes = None
        for band in range(finest, len(gray)):
            place = places[band]
            contrast = gaussian(variances[band], place - band)[-1].clamp_min(0)
            agreement = gaussian(agreement_of(gray[band], variances[band]), place - band)[-1]
            cues = cues_of(gray[place], shares[place], contrast, agreement)
            if codes is None:
                codes = _zeros(gray[place], self.codes)
            elif codes.shape[-2:] != gray[place].shape[-2:]:
                codes = down(codes)
            codes = codes + _each(self.read, torch.cat([*cues, codes], dim=2))
            seen[band] = torch.cat([*cues, codes], dim=2)
        return seen

    def _step(
        self, band: int, state: Tensor, cues: Tensor, preview: Tensor, gray: Tensor, contrast: Tensor
    ) -> Tensor:
        """The state (B, K, features, h, w) after a band, from that before, which may be half as large."""
        if state.shape[-2:] != gray.shape[-2:]:
            state = up(state, *gray.shape[-2:])
        made = [*success_of(preview, gray, contrast), (preview - 0.5).expand_as(gray), gray - preview]
        seen = [cues, *made, state]
        mean = torch.cat([part.mean(1, keepdim=True) for part in seen], dim=2)
        others = self.others(mean.squeeze(1)).unsqueeze(1)
        if not plain(state):
            return state + self._thought(band, torch.cat(seen, dim=2), others)
        for own in range(state.shape[1]):  # whose features need the most memory of all
            parts = [part[:, own : own + 1] for part in seen]
            state[:, own : own + 1] += self._thought(band, torch.cat(parts, dim=2), others)
        return state

    def _thought(self, band: int, seen: Tensor, others: Tensor) -> Tensor:
        """What exposures add to their state, from what is seen of them and in the mean of all."""
        own = min(band, len(self.scale) - 1)
        scale, shift = (every[own, :, None, None] for every in (self.scale, self.shift))
        return _each(self.think, (_each(self.own, seen) + others) * (1 + scale) + shift)

    def _gains(self, state: Tensor, gray: Tensor) -> Tensor:
        """Factors (B, K + 1, 1, h, w): on the shares, with a product of 1 over K, and the boost."""
        parts = torch.split(state, 1, dim=1) if plain(state) else [state]  # a copy of all is large
        logits = torch.cat([_each(self.head, part) for part in parts], dim=1)
        logits = logits.to(state.dtype)  # which stays float32 under autocast
        logit, boost = logits[:, :, :1], logits[:, :, 1:].mean(1, keepdim=True)
        logit = LARGEST_LOGIT * torch.tanh(logit / LARGEST_LOGIT)
        differ = gray.var(1, keepdim=True, correction=0)  # equal exposures stay as they are
        boost = LARGEST_BOOST * torch.tanh(boost / LARGEST_BOOST) * differ / (differ + STRUCTURE)
        return torch.cat([logit - logit.mean(1, keepdim=True), boost], dim=1).exp()


def _conv(inputs: int, outputs: int, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, padding_mode="replicate", bias=bias)


def _bent() -> nn.Module:
    return nn.LeakyReLU(SLOPE)


def _zeros(like: Tensor, channels: int) -> Tensor:
    """(B, K, channels, H, W) like (B, K, 1, H, W)."""
    return torch.zeros_like(like).repeat(1, 1, channels, 1, 1)


def _each(network: nn.Module, images: Tensor) -> Tensor:
    """A network of (N, C, H, W) on each of the exposures (B, K, C, H, W)."""
    result: Tensor = network(images.flatten(0, 1))
    return result.reshape(*images.shape[:2], *result.shape[1:])


def _weights(shares: Tensor, gains: Tensor, amplified: bool) -> Tensor:
    """Shares (B, K, 1, H, W) times gains (B, K + 1, 1, h, w) of that size, or of half of it."""
    parts = []
    for rows in strips(shares):
        part = _normalised(raised(shares, gains[:, :-1], rows))
        parts.append(part * grown(gains[:, -1:], shares, rows) if amplified else part)
    return torch.cat(parts, dim=-2)


def _normalised(weights: Tensor) -> Tensor:
    return weights / weights.sum(1, keepdim=True)


def _preview(preview: Tensor, gray: list[Tensor], weights: dict[int, Tensor], place: int) -> Tensor:
    """What the bands from `place` on make of the gray exposures, from what they made one level above."""
    if place == len(gray) - 1:
        return weigh(gray[place], weights[place])
    return add_band(preview, gray[place + 1], gray[place], weights[place], amplified=True)
