"""Test-time optimisation: the weights of one set of exposures adjusted by descending the loss itself."""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Self

import torch
from torch import Tensor

from hdr_lightning.blending import MultiBand
from hdr_lightning.blending.pyramid import depth, down, gaussian, up
from hdr_lightning.errors import InputError
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusion.tiling import weigh_in_tiles
from hdr_lightning.losses import MEFSSIMLoss
from hdr_lightning.losses.bracket import THUMBNAIL, chroma_apart, gray_apart
from hdr_lightning.metrics.mef_ssim import MIN_SIDE

LEARNING_RATE, BETAS = 0.3, (0.8, 0.95)
BOOST = 0.3
"""How much slower the amplification of a band moves than its weights."""


class Refined(Fuser):
    """A fuser whose weights and bands are multiplied by gains that Adam finds for these very exposures.

    Large images are refined on a level of their own pyramid with at most `pixels` pixels, or on the last one
    that MEF-SSIM can judge; the bands above it take the gains of the finest one there. Structure improves;
    brightness and colour, which MEF-SSIM does not see, stay near those of the image that is refined.

    Args:
        fuser: Where to start from: any fuser, learned or not.
        blending: What the weights are for, the same that `Fusion` gets.
        steps: Number of steps, at least 1. A step costs about ten times what blending does.
        pixels: Pixels of the largest image to optimise on.
        anchor: Weight of the squared differences in gray and chroma from the image before, on a thumbnail.
        overshoot: Weight of the distance by which values leave [0, 1].

    Attributes:
        progress: Wraps the steps, to show how far they are.

    Raises:
        InputError: `steps` or `pixels` is not positive.
    """

    def __init__(
        self,
        fuser: Fuser,
        blending: MultiBand,
        steps: int,
        pixels: int = 2**20,
        anchor: float = 4.0,
        overshoot: float = 0.5,
    ) -> None:
        super().__init__()
        if steps < 1 or pixels < 1:
            raise InputError(f"refine: Expected at least 1 step and 1 pixel. Got {steps} and {pixels}")
        self.fuser, self._blending, self.steps, self.pixels = fuser, blending, steps, pixels
        self.anchor, self.loss = anchor, MEFSSIMLoss(overshoot=overshoot)
        self.progress: Callable[[range], Iterable[int]] = iter

    def reduced_from(self, pixels: int) -> Self:
        """The same refinement of a fuser that knows of them."""
        reduced = copy(self)
        reduced._modules = {
            **self._modules,
            "fuser": self.fuser.reduced_from(pixels),
        }  # not those of this one
        return reduced

    def forward(self, exposures: Tensor) -> list[Tensor]:
        """Weights for every band, finest first, of exposures (B, K, 3, H, W) in [0, 1].

        Raises:
            InputError: A side is below 44 pixels, which MEF-SSIM needs.
        """
        height, width = exposures.shape[-2:]
        if min(height, width) < MIN_SIDE:
            raise InputError(f"refine: Expected sides of at least {MIN_SIDE} pixels. Got {width} x {height}")
        with torch.no_grad():
            weights = weigh_in_tiles(self.fuser, exposures)
        # Tensors that were made in inference mode cannot take part in a gradient; their copies can.
        with torch.inference_mode(False):
            start = gaussian(weights, depth(exposures)) if isinstance(weights, Tensor) else weights
            bands = [band.clone() for band in start]
            small, skipped = exposures.clone(), 0
            while small[0, 0, 0].numel() > self.pixels and min(small.shape[-2:]) > 2 * MIN_SIDE - 2:
                small, skipped = down(small), skipped + 1
            gains = self._optimise(small, bands[skipped:])
            for finer in reversed(bands[:skipped]):
                gains.insert(0, up(gains[0], *finer.shape[-2:]))
            return [_times(band, gain) for band, gain in zip(bands, gains, strict=True)]

    def _optimise(self, exposures: Tensor, bands: list[Tensor]) -> list[Tensor]:
        """Gains (B, K + 1, 1, H, W) for each band: those of the weights, and that of the whole band."""
        logits = [torch.zeros_like(band).requires_grad_() for band in bands]
        boosts = [torch.zeros_like(band[:, :1]).requires_grad_() for band in bands[:-1]]
        optimizer = torch.optim.Adam([*logits, *boosts], lr=LEARNING_RATE, betas=BETAS)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps, LEARNING_RATE / 10)

        def gains() -> list[Tensor]:
            ends = [*(BOOST * boost for boost in boosts), torch.zeros_like(bands[-1][:, :1])]
            return [torch.cat([logit, end], dim=1).exp() for logit, end in zip(logits, ends, strict=True)]

        # A level with an odd side above it may allow for one band more than there are.
        blending = copy(self._blending)
        blending.levels = len(bands) - 1
        with torch.no_grad():
            before = blending(exposures, bands)
        with torch.enable_grad():
            for _ in self.progress(range(self.steps)):
                optimizer.zero_grad()
                weights = [_times(band, gain) for band, gain in zip(bands, gains(), strict=True)]
                image = blending(exposures, weights)
                apart = gray_apart(image, before, THUMBNAIL) + chroma_apart(image, before)
                (self.loss(image, exposures)["loss"] + self.anchor * apart).backward()
                optimizer.step()
                schedule.step()
        with torch.no_grad():
            return gains()


def _times(weights: Tensor, gains: Tensor) -> Tensor:
    """Weights (B, K, 1, H, W) times gains (B, K + 1, 1, H, W), of which only the last changes their sum."""
    changed = weights * gains[:, :-1]
    total = changed.sum(1, keepdim=True).clamp_min(torch.finfo(changed.dtype).tiny)
    return changed * (gains[:, -1:] * weights.sum(1, keepdim=True) / total)
