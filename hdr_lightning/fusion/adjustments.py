"""Adjust the result: brightness, highlights, shadows and saturation, each from -1 to 1.

They first change which exposures count: weights are tilted towards the dark or the bright ones in every band,
so that a window gets what the dark exposure saw in it, contrast and colour included, and not a darker gray. A
curve that leaves black and white where they are does the rest.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from hdr_lightning.blending.in_range import paled
from hdr_lightning.blending.pyramid import Weights, gaussian
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.fusion.fusion import Fusion

TILT, LOCAL_TILT = 1.5, 2.0
"""Logarithm by which the weight of the brightest exposure grows at 1, and that of the darkest shrinks."""
STOPS = 0.5
"""Exponent of the curve at -1, as a power of 2; its inverse at 1."""
VIVID = 0.5
"""How much stronger colours get at a saturation of 1, besides what the weights do."""
_BRIGHTNESS_BANDS = 2  # the coarsest, which decide how bright a place is: more colour leaves them alone
_COLOURLESS = 0.02
_AREAS = 256
"""The smaller side of the image on which bright and dark areas are found."""


class Adjustments(NamedTuple):
    """What to change, each from -1 to 1; 0 changes nothing.

    Attributes:
        brightness: The whole image brighter or darker.
        highlights: Bright areas brighter (1) or darker (-1).
        shadows: Dark areas brighter (1) or darker (-1).
        saturation: Colours stronger (1) or, down to gray, weaker (-1).
    """

    brightness: float = 0.0
    highlights: float = 0.0
    shadows: float = 0.0
    saturation: float = 0.0

    def __bool__(self) -> bool:
        return any(self)

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:+g}" for name, value in self._asdict().items() if value)


def adjust(fusion: Fusion, adjustments: Adjustments) -> Fusion:
    """The fusion with another say; the same object where nothing is to change.

    Raises:
        InputError: A value lies outside [-1, 1].
    """
    for name, value in adjustments._asdict().items():
        if not -1 <= value <= 1:
            raise InputError(f"{name}: Expected a number from -1 to 1. Got {value}")
    if not adjustments:
        return fusion
    return Fusion(fusion.fuser, Adjusted(fusion.blending, adjustments), fusion.deghost).eval()


class Adjusted(nn.Module):
    """A blending whose weights are tilted, and whose image gets a curve.

    Areas are made brighter or darker by going over, place by place, to an image that was blended by tilted
    weights as a whole. Tilting the weights of an area instead does the opposite of what is wanted: in the
    dark exposure a window stands out more from its wall, so every band but the coarsest makes it brighter.

    Args:
        blending: What blends.
        adjustments: At least one of them not 0.
    """

    def __init__(self, blending: nn.Module, adjustments: Adjustments) -> None:
        super().__init__()
        self.blending, self.adjustments = blending, adjustments

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W), dark to bright, to (B, 3, H, W)."""
        say = self.adjustments
        weights = _vivid(weights, exposures, say.saturation)
        exponent = torch.tensor(-STOPS * say.brightness, device=exposures.device)
        fused = self._tilted(exposures, weights, TILT * say.brightness)
        if say.highlights or say.shadows:
            for value, share in zip((say.highlights, say.shadows), _areas(exposures), strict=True):
                if value:
                    tilt = TILT * say.brightness + LOCAL_TILT * value
                    further = torch.maximum if value > 0 else torch.minimum
                    fused = torch.lerp(fused, further(fused, self._tilted(exposures, weights, tilt)), share)
                    exponent = exponent - STOPS * value * share
        return _coloured(_curved(fused, exponent), say.saturation)

    def _tilted(self, exposures: Tensor, weights: Weights, tilt: float) -> Tensor:
        places = torch.linspace(-1, 1, exposures.shape[1], device=exposures.device)
        factors = (tilt * places).exp().view(1, -1, 1, 1, 1)
        # Bands are amplified where the exposures contradict each other: one that counts alone does not.
        plain = min(abs(tilt) / LOCAL_TILT, 1)
        if tilt and isinstance(weights, Tensor):
            weights = _times(weights, factors, plain)
        elif tilt:
            weights = [_times(band, factors, plain) for band in weights]
        return self.blending(exposures, weights)


def _vivid(weights: Weights, exposures: Tensor, saturation: float) -> Weights:
    """Weights that favour the exposures with more colour; those without are no better at being gray."""
    if saturation <= 0:
        return weights
    factors = (exposures.std(2, keepdim=True, correction=0) + _COLOURLESS).pow(saturation)
    if isinstance(weights, Tensor):
        return _times(weights, factors)
    finer = len(weights) - _BRIGHTNESS_BANDS
    bands = gaussian(factors, max(finer - 1, 0))
    changed = [_times(band, factor) for band, factor in zip(weights[:finer], bands, strict=False)]
    return [*changed, *weights[len(changed) :]]


def _times(weights: Tensor, factors: Tensor, plain: float = 0.0) -> Tensor:
    """Weights times factors; their sum, which amplifies a band, as before or as far towards 1 as `plain`."""
    changed, before = weights * factors, weights.sum(1, keepdim=True)
    total = changed.sum(1, keepdim=True).clamp_min(torch.finfo(changed.dtype).tiny)
    return changed.mul_((before + plain * (1 - before)) / total)


def _areas(exposures: Tensor) -> tuple[Tensor, Tensor]:
    """How much each place (B, 1, H, W) belongs to the bright and to the dark areas, edges kept."""
    gray = to_gray(exposures).mean(1)
    side = min(gray.shape[-2:])
    subsample = -(-side // _AREAS)
    window = max(side // (6 * subsample), 1) * subsample
    if side // subsample > window // subsample + 1:
        from kornia.filters import guided_blur  # a third of a second that others need not wait for

        gray = guided_blur(gray, gray, window + 1 - window % 2, eps=0.03, subsample=subsample)
    spread = gray.std(dim=(-2, -1), keepdim=True, correction=0).clamp_min(_COLOURLESS)
    place = (gray - gray.mean(dim=(-2, -1), keepdim=True)) / spread
    return torch.sigmoid(3 * (place - 0.7)), torch.sigmoid(-2 * place)


def _curved(fused: Tensor, exponent: Tensor) -> Tensor:
    """Values in [0, 1] raised to the power 2^exponent; those outside stay there, to be counted as clipped."""
    inside = fused.clamp(0, 1)
    return inside.pow(exponent.exp2()) + (fused - inside)


def _coloured(fused: Tensor, saturation: float) -> Tensor:
    if not saturation:
        return fused
    gray = to_gray(fused)
    factor = 1 + saturation * (VIVID if saturation > 0 else 1)
    return paled(torch.lerp(gray, fused, factor))
