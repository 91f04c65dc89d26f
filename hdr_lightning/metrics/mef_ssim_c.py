"""MEF-SSIM_c: the colour variant of MEF-SSIM that MEF-Net trains on. Another metric than the official one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.filters import Window, smooth
from hdr_lightning.metrics.checks import check_images
from hdr_lightning.metrics.exact import smooth64

WINDOW = Window(size=11, sigma=11 / 6)
STABILITY_LUMINANCE, STABILITY_STRUCTURE = 0.01**2, 0.03**2
SPREAD = 0.2
"""Width of the Gaussians around mid gray by which a mean luminance is trusted (sigma_g and sigma_l)."""


def mef_ssim_c(
    fused: Tensor, exposures: Tensor, luminance: bool = True, dtype: torch.dtype = torch.float64
) -> Tensor:
    """MEF-SSIM_c in [-1, 1], higher is better; 1 for an image that keeps the best contrast of every patch.

    A patch is 11 x 11 pixels of all three colours under one Gaussian window. Its reference has the structure
    of the exposure with the largest variance there and, with the luminance term, a mean luminance that is
    the average of the exposures' own, weighted by how near to mid gray patch and whole exposure are.
    Patches at the border are filled up with zeros, as in the authors' program.

    The number is not the official MEF-SSIM: on the same image the two differ by up to 0.15.

    Source: Ma, Duanmu, Yeganeh, Wang, "Multi-exposure image fusion by optimizing a structural similarity
    index", TCI 2018; Ma, Duanmu, Zhu, Fang, Wang, "Deep guided learning for fast multi-exposure image
    fusion", TIP 2020, eq. 9 to 17, whose constants are used.

    Args:
        fused: (B, 3, H, W) in [0, 1].
        exposures: (B, K, 3, H, W) in [0, 1].
        luminance: Judge the mean luminance too.
        dtype: Precision to compute in; float32 is good to 1e-5 and four times faster, for a loss.

    Returns:
        (B,), of that precision; differentiable in the fused image, the exposures receive no gradient.

    Raises:
        InputError: The shapes do not fit, or the values are no floats or lie far outside [0, 1].

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> bool(mef_ssim_c(exposures[:, 0], exposures) > mef_ssim_c(exposures[:, 0] / 2, exposures))
        True
    """
    check_images(fused, exposures, finite=False)
    image, exposures = fused.to(dtype).unsqueeze(1), exposures.detach().to(dtype)
    mean_k = _patch_mean(exposures)
    variance_k = _patch_mean(exposures.square()) - mean_k.square()
    mean_f = _patch_mean(image)
    variance_f = _patch_mean(image.square()) - mean_f.square()
    covariance = _patch_mean(image * exposures) - mean_f * mean_k
    strongest, shared = variance_k[:, :1], covariance[:, :1]
    for k in range(1, exposures.shape[1]):
        stronger = variance_k[:, k : k + 1] > strongest
        strongest = torch.where(stronger, variance_k[:, k : k + 1], strongest)
        shared = torch.where(stronger, covariance[:, k : k + 1], shared)
    score = (2 * shared + STABILITY_STRUCTURE) / (variance_f + strongest + STABILITY_STRUCTURE)
    if luminance:
        wanted = _wanted_luminance(mean_k)
        product = 2 * mean_f * wanted + STABILITY_LUMINANCE
        score = score * product / (mean_f.square() + wanted.square() + STABILITY_LUMINANCE)
    return score.flatten(1).mean(1)


def _wanted_luminance(means: Tensor) -> Tensor:
    """The reference's mean luminance (B, 1, H, W) from the patch means (B, K, H, W) of the exposures."""
    whole = means.mean(dim=(2, 3), keepdim=True)
    trust = torch.exp(-((means - 0.5).square() + (whole - 0.5).square()) / (2 * SPREAD**2))
    return (trust * means).sum(1, keepdim=True) / trust.sum(1, keepdim=True)


def _patch_mean(images: Tensor) -> Tensor:
    """Mean over the colours and the window: (B, K, 3, H, W) to (B, K, H, W), zeros outside the image."""
    padded = F.pad(images.mean(2), (WINDOW.size // 2,) * 4)
    return smooth64(padded, WINDOW) if padded.dtype == torch.float64 else smooth(padded, WINDOW)
