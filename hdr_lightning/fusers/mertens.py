"""Exposure fusion by contrast, saturation and well-exposedness (Mertens, Kautz, Van Reeth 2007).

On flat areas the measures are rounding errors, and these alone decide which exposure is seen there. So that
the result is OpenCV's, contrast and saturation repeat its arithmetic step by step.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.blending.in_turn import InTurn, Weigh, normalised
from hdr_lightning.cues import well_exposedness
from hdr_lightning.errors import InputError
from hdr_lightning.fusers.base import Fuser

FLOOR = 1e-12
"""Added to the product of the measures (as in OpenCV): where all are zero, the exposures share equally."""


class Mertens(Fuser):
    """Weigh pixels by C^contrast * S^saturation * E^exposedness (Mertens 2007, 3.1).

    C is the absolute Laplacian of gray, S the deviation of the colours from their mean, E the product over
    the colours of the closeness to 0.5. Blended by the full pyramid this is OpenCV's MergeMertens, whose
    defaults are those here; the paper's authors take 1 for all three.

    Args:
        contrast: Exponent of C, 0 or more; 0 leaves the measure out.
        saturation: Exponent of S.
        exposedness: Exponent of E.

    Raises:
        InputError: An exponent is negative.
    """

    blending = "multiband"

    def __init__(self, contrast: float = 1.0, saturation: float = 1.0, exposedness: float = 0.0) -> None:
        super().__init__()
        if min(contrast, saturation, exposedness) < 0:
            raise InputError(
                "contrast, saturation, exposedness: Expected exponents of 0 or more. "
                f"Got {contrast}, {saturation}, {exposedness}"
            )
        self.contrast, self.saturation, self.exposedness = contrast, saturation, exposedness

    def forward(self, exposures: Tensor) -> Tensor:
        """Weights (B, K, 1, H, W), sum to 1 over K, of exposures (B, K, 3, H, W) in [0, 1]."""
        quality = torch.stack([self._quality(image) for image in exposures.unbind(1)], dim=1)
        return quality / quality.sum(dim=1, keepdim=True)

    def in_turn(self, exposures: InTurn) -> Weigh:
        """The same for one exposure after the other."""

        def quality(strip: Tensor) -> Tensor:
            return self._quality(strip[:, 0]).unsqueeze(1)

        # The Laplacian sees a row beyond its own.
        return normalised(lambda number: exposures.each_strip(number, quality, margin=1), len(exposures))

    def _quality(self, image: Tensor) -> Tensor:
        # 8-bit values scaled as OpenCV does, by one over 255: the last bit counts.
        image = (image * 255).mul_(torch.tensor(1 / 255, dtype=image.dtype))
        quality = torch.ones_like(image[:, :1])
        if self.contrast:
            quality = quality * _contrast(_gray(image)).pow(self.contrast)
        if self.saturation:
            quality = quality * _saturation(image).pow(self.saturation)
        if self.exposedness:
            quality = quality * well_exposedness(image).prod(dim=1, keepdim=True).pow(self.exposedness)
        return quality + FLOOR


def _gray(image: Tensor) -> Tensor:
    red, green, blue = image.unbind(1)
    return (green * 0.587).add_(red, alpha=0.299).add_(blue, alpha=0.114).unsqueeze(1)


def _contrast(gray: Tensor) -> Tensor:
    # A single row or column has nothing to be mirrored.
    padded = F.pad(gray, (1, 1, 1, 1), mode="reflect" if min(gray.shape[-2:]) > 1 else "replicate")
    rows, columns = padded[..., 1:-1, :], padded[..., 1:-1]
    laplacian = columns[..., :-2, :] + rows[..., :-2]
    return laplacian.add_(gray, alpha=-4).add_(rows[..., 2:]).add_(columns[..., 2:, :]).abs()


def _saturation(image: Tensor) -> Tensor:
    red, green, blue = image.unbind(1)
    mean = (red + green).add_(blue).mul_(torch.tensor(1 / 3, dtype=image.dtype))
    squares = (red - mean).square().add_((green - mean).square()).add_((blue - mean).square())
    return squares.sqrt().unsqueeze(1)
