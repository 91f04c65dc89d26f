"""MEF-SSIM for the structure; for brightness and colour, which it does not see, the bracket as teacher."""

import torch
from torch import Tensor, nn

from hdr_lightning.blending import multiband
from hdr_lightning.blending.pyramid import Weights, add_band, depth, gaussian, halvings_for, weigh
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Mertens
from hdr_lightning.losses.mef_ssim import MEFSSIMLoss
from hdr_lightning.metrics.checks import UNCLIPPED_SLACK, check_scale

MIDDLE, SPREAD = 0.5, 0.2
"""Mean gray of a well-exposed photograph, and how far another may be from it (sigma; Mertens 2007)."""
COARSE, THUMBNAIL, FINE = 1, 4, 5
"""Levels below the coarsest of the pyramid: with 2 to 3 pixels on the smaller side, where MEF-SSIM sees
nothing any more, with 16 to 31, and with 32 to 63."""


class BracketLoss(nn.Module):
    """One minus MEF-SSIM (structure), and how far brightness and colour are from those of the whole bracket.

    What a fused pair of extremes should look like is known where the bracket has exposures in between: like
    its `teacher`. Only the coarsest bands are compared in brightness, because finer ones would hold back the
    contrast that MEF-SSIM asks for, and the chroma on a thumbnail. A whole bracket has contrast to spare, and
    shows by itself what it should look like: its tones are compared in the coarsest six bands. A bracket of
    two exposures knows no more than the pair does, so there the structure counts alone.

    Args:
        structure: Weight of the terms of `MEFSSIMLoss`. 0 takes no time, for a network that decides of
            brightness alone.
        brightness: Weight of the mean squared difference of gray in the coarsest two bands of the image.
        mix: Weight of that of what the weights of these bands alone make of the exposures. Finer bands move
            the image there too, so this is what a network learns from that decides of brightness alone.
        tones: Weight of the mean squared difference of gray in the coarsest six bands of the image, where the
            whole bracket is fused.
        colour: Weight of that of chroma, which is the difference from gray, on a thumbnail.
        overshoot: Weight of the mean distance by which values leave [0, 1], as in `MEFSSIMLoss`.

    Raises:
        InputError: A weight is negative.

    Attributes:
        needs_weights: Whether it wants to see the weights.
        learns_from_pairs: Whether it asks for anything where no scene has three exposures.
    """

    needs_bracket = True

    def __init__(
        self,
        structure: float = 1.0,
        brightness: float = 2.0,
        mix: float = 0.0,
        tones: float = 4.0,
        colour: float = 1.0,
        overshoot: float = 4.0,
    ) -> None:
        super().__init__()
        self.weights = {"brightness": brightness, "mix": mix, "tones": tones, "colour": colour}
        for name, weight in {"structure": structure, **self.weights}.items():
            if weight < 0:
                raise InputError(f"Expected loss.{name} of at least 0. Got {weight}")
        self.needs_weights = mix > 0
        self.structure = structure
        self.learns_from_pairs = structure > 0
        self.mef_ssim = MEFSSIMLoss(overshoot=overshoot)

    def forward(
        self, fused: Tensor, exposures: Tensor, bracket: Tensor, weights: Weights | None = None
    ) -> dict[str, Tensor]:
        """Terms of the loss, averaged over the batch.

        Args:
            fused: (B, 3, H, W), unclipped. Sides of at least 44 pixels.
            exposures: (B, K, 3, H, W) in [0, 1], those that were fused.
            bracket: (B, N, 3, H, W) in [0, 1], all exposures of the same scene.
            weights: Of every band of the full pyramid, which made `fused`; only `mix` looks at them.

        Returns:
            "loss", the one to minimise, and without a gradient "brightness", "mix", "tones" and "colour",
            unweighted and 0 where they do not count, and the terms of `MEFSSIMLoss` where structure has a
            weight.

        Raises:
            InputError: The shapes do not fit, a side is below 44 pixels, values are on another scale, or
                `mix` counts and there are no weights of bands.
        """
        terms = self.mef_ssim(fused, exposures) if self.structure else {"loss": 0 * fused.mean()}
        taught = dict.fromkeys(self.weights, fused.new_zeros(()))
        if bracket.shape[1] > 2:
            wanted = teacher(bracket)
            taught["brightness"] = gray_apart(fused, wanted, COARSE)
            if self.needs_weights:
                taught["mix"] = mix_apart(exposures, weights, wanted)
            taught["colour"] = chroma_apart(fused, wanted)
            if exposures.shape[1] == bracket.shape[1]:
                taught["tones"] = gray_apart(fused, wanted, FINE)
        loss = self.structure * terms["loss"] + sum(
            weight * taught[name] for name, weight in self.weights.items()
        )
        return {**terms, "loss": loss, **{name: term.detach() for name, term in taught.items()}}


@torch.no_grad()
def teacher(bracket: Tensor) -> Tensor:
    """What a whole bracket says of brightness and colour: (B, N, 3, H, W) to (B, 3, H, W), in [0, 1].

    The mean of two images: of its exposures, each weighed as a whole by how well exposed it is (a Gaussian
    around a mean gray of 0.5), and of Mertens' fusion. The first is a little darker than what people choose,
    the second a little brighter.

    Raises:
        InputError: The values are on another scale than [0, 1].
    """
    check_scale("exposures", bracket, UNCLIPPED_SLACK)
    means = to_gray(bracket).mean((-2, -1), keepdim=True)
    exposed = torch.exp(-(means - MIDDLE).square() / (2 * SPREAD**2))
    plain = weigh(bracket, exposed / exposed.sum(1, keepdim=True))
    return (plain + multiband(bracket, Mertens()(bracket)).clamp(0, 1)) / 2


def gray_apart(fused: Tensor, wanted: Tensor, below: int) -> Tensor:
    """Mean squared difference of gray of images (B, 3, H, W), so many levels below the coarsest."""
    return _coarse(to_gray(fused - wanted), below).square().mean()


def mix_apart(exposures: Tensor, weights: Weights | None, wanted: Tensor) -> Tensor:
    """Mean squared difference of gray of what the weights of the coarsest two bands alone make.

    Args:
        exposures: (B, K, 3, H, W).
        weights: Those of every band of the full pyramid, finest first, each (B, K, 1, h, w).
        wanted: (B, 3, H, W), what their mix is compared with, on the same level.

    Raises:
        InputError: There are no weights of bands, or too few.
    """
    if weights is None or isinstance(weights, Tensor):
        raise InputError("loss.mix: Expected a network that weighs every band, as model=bandnet. Got one map")
    halvings = halvings_for(weights, None, depth(exposures))
    gray = gaussian(to_gray(exposures), halvings)
    mixed = weigh(gray[-1], weights[-1])
    for band in reversed(range(max(halvings - COARSE, 0), halvings)):
        mixed = add_band(mixed, gray[band + 1], gray[band], weights[band], amplified=True)
    return (mixed - _coarse(to_gray(wanted), COARSE)).square().mean()


def chroma_apart(fused: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared difference of chroma on a thumbnail, of images (B, 3, H, W)."""
    apart = fused - wanted
    return _coarse(apart - to_gray(apart), THUMBNAIL).square().mean()


def _coarse(image: Tensor, below: int) -> Tensor:
    """The level of the pyramid of (B, C, H, W) that lies so many below the coarsest."""
    halvings = max(depth(image) - below, 0)
    return gaussian(image.unsqueeze(1), halvings)[-1]
