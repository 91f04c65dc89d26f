"""Scores against a reference: an image of the same scene that people chose, or that is known to be right."""

import torch
from torch import Tensor

from hdr_lightning.metrics.checks import check_reference
from hdr_lightning.metrics.colourfulness import colourfulness
from hdr_lightning.metrics.statistics import brightness

CEILING = 100.0
"""Decibels of images that are equal, or nearly: far beyond what 8 bits can tell apart."""
BORDER = 5
"""Half a window of SSIM."""
GRAY = 0.1
"""Colourfulness that nobody sees, in 8-bit levels."""


def psnr(fused: Tensor, reference: Tensor) -> Tensor:
    """Peak signal-to-noise ratio over all pixels and colours, in decibels: 20 is a visible difference.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        reference: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at most `CEILING`; higher is better.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> round(psnr(torch.full((1, 3, 8, 8), 0.5), torch.full((1, 3, 8, 8), 0.6)).item(), 3)
        20.0
    """
    check_reference(fused, reference)
    from torchmetrics.functional.image import peak_signal_noise_ratio

    ratio = peak_signal_noise_ratio(
        fused.double(), reference.double(), data_range=1.0, dim=(1, 2, 3), reduction="none"
    )
    return ratio.clamp_max(CEILING)


def ssim(fused: Tensor, reference: Tensor) -> Tensor:
    """SSIM, mean over R, G and B and over the whole windows: 11 x 11, Gaussian of sigma 1.5. Differentiable.

    Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", TIP 2004, in the precision of the images, but never in 16 bits.

    Args:
        fused: (B, 3, H, W) in [0, 1], both sides at least 11 pixels.
        reference: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), at most 1; higher is better.

    Raises:
        InputError: The shapes do not fit, or the values are no floats or lie far outside [0, 1].

    Examples:
        >>> image = torch.rand(1, 3, 32, 32)
        >>> round(ssim(image, image).item(), 3)
        1.0
    """
    check_reference(fused, reference, side=2 * BORDER + 1, finite=False)
    from torchmetrics.functional.image import structural_similarity_index_measure

    dtype = torch.promote_types(fused.dtype, torch.float32)
    with torch.autocast(fused.device.type, enabled=False):
        _, maps = structural_similarity_index_measure(
            fused.to(dtype), reference.to(dtype), data_range=1.0, return_full_image=True
        )
    # torchmetrics mirrors the image at its border; the authors judge whole windows only.
    inner: Tensor = maps[..., BORDER:-BORDER, BORDER:-BORDER]
    return inner.mean(dim=(1, 2, 3))


def ciede2000(fused: Tensor, reference: Tensor) -> Tensor:
    """Mean colour difference CIEDE2000 over the pixels (CIE 142-2001; sRGB, D65): 1 is just visible.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        reference: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0; lower is better.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> image = torch.rand(1, 3, 32, 32)
        >>> ciede2000(image, image).item()
        0.0
    """
    check_reference(fused, reference)
    from skimage.color import deltaE_ciede2000, rgb2lab

    pairs = zip(fused, reference, strict=True)
    labs = [[rgb2lab(image.double().movedim(0, -1).cpu().numpy()) for image in pair] for pair in pairs]
    means = [deltaE_ciede2000(wanted, found).mean() for found, wanted in labs]  # type: ignore[no-untyped-call]
    return torch.tensor(means, dtype=torch.float64, device=fused.device)


def colourfulness_ratio(fused: Tensor, reference: Tensor) -> Tensor:
    """Colourfulness over that of the reference: below 1 colours are paler. Two gray images score 1.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        reference: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, at least 0.

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> image = torch.rand(1, 3, 32, 32)
        >>> colourfulness_ratio(image / 2 + 0.25, image).item() < 1  # paler
        True
    """
    check_reference(fused, reference)
    return (colourfulness(fused) + GRAY) / (colourfulness(reference) + GRAY)


def brightness_difference(fused: Tensor, reference: Tensor) -> Tensor:
    """Mean gray minus that of the reference.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        reference: (B, 3, H, W) in [0, 1].

    Returns:
        (B,), float64, -1 (too dark) to 1 (too bright).

    Raises:
        InputError: The shapes do not fit, or the values are no finite floats or lie far outside [0, 1].

    Examples:
        >>> dark, bright = torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)
        >>> brightness_difference(bright, dark).item()
        1.0
    """
    check_reference(fused, reference)
    return brightness(fused) - brightness(reference)
