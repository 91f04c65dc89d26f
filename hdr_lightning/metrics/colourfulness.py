"""How colourful an image is, and how much of the colour that the exposures show has been kept."""

import torch
from torch import Tensor

from hdr_lightning.cues import to_gray, well_exposedness
from hdr_lightning.metrics.checks import check_image, check_images

MEAN_SHARE = 0.3
"""Weight of the mean of the opponent colours beside their spread (Hasler and Suesstrunk 2003)."""
_COLOURLESS = 0.1
"""Chroma in CIELAB units that nobody sees: beside it a gray scene keeps its colour."""


def colourfulness(images: Tensor) -> Tensor:
    """Colourfulness M of Hasler and Suesstrunk, in 8-bit levels: 0 is gray, 33 moderate, 82 and more a lot.

    Over the pixels, with `rg = R - G` and `yb = (R + G) / 2 - B`, it is
    `sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2)`. Saturated noise raises it too.

    Source: Hasler and Suesstrunk, "Measuring colorfulness in natural images", Proc. SPIE 5007 (2003), sec. 7.

    Args:
        images: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> colourfulness(torch.full((1, 3, 8, 8), 0.5))  # gray
        tensor([0.], dtype=torch.float64)
    """
    check_image(images)
    red, green, blue = (images.double() * 255).unbind(1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue], dim=1).flatten(2)
    spread = opponents.var(2, correction=0).sum(1).sqrt()
    return spread + MEAN_SHARE * opponents.mean(2).square().sum(1).sqrt()


def chroma_kept(fused: Tensor, exposures: Tensor) -> Tensor:
    """Chroma of the fused image over that of the exposures where they are well exposed; 1 keeps all of it.

    Chroma is `sqrt(a*^2 + b*^2)` of CIELAB (sRGB, D65). What a pixel should have is the mean of its chroma in
    the exposures, weighted by `exp(-(Y - 0.5)^2 / (2 * 0.2^2))` of its luma Y: what is clipped or drowned in
    noise there counts next to nothing. The score is the mean chroma of the fused image over the mean of that
    over all pixels; below 1 colours have paled, above 1 they are stronger than photographed. Hues and the
    places of the colours are not judged. A scene without any colour scores 1.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> chroma_kept(exposures[:, 0], exposures) > chroma_kept(exposures[:, 0] / 2 + 0.25, exposures)
        tensor([True])
    """
    check_images(fused, exposures)
    exposures = exposures.double()
    trust, shown = well_exposedness(to_gray(exposures)), chroma(exposures)
    wanted = ((trust * shown).sum(1) / trust.sum(1)).mean(dim=(1, 2, 3))
    fused_chroma = chroma(fused.double()).mean(dim=(1, 2, 3))
    return (fused_chroma + _COLOURLESS) / (wanted + _COLOURLESS)


def chroma(images: Tensor) -> Tensor:
    """Distance from gray in CIELAB (sRGB, D65): (..., 3, H, W) -> (..., 1, H, W), 0 to about 134."""
    from kornia.color import rgb_to_lab  # a third of a second that other scores need not wait for

    return rgb_to_lab(images)[..., 1:, :, :].square().sum(-3, keepdim=True).sqrt()
