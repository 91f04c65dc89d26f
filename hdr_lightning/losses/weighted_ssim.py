"""Weighted SSIM (arXiv 2510.21815, eq. 4): be like each exposure where that exposure is to be trusted."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Border, Window
from hdr_lightning.losses.ssim_gradient import WeightedSSIM
from hdr_lightning.metrics.checks import UNCLIPPED_SLACK, check_scale

Gamma = Callable[[Tensor, Window], Tensor]

SIZES = (11, 9, 7, 5, 3)
WINDOWS = tuple(Window(size) for size in SIZES)


class WeightedSSIMLoss(nn.Module):
    """Weighted SSIM of eq. 4 over several windows; the settings are those of its origin (PFNet, Zhang 2020).

    Args:
        gamma: Trust in each exposure, called with the exposures and a `Window`; see `hdr_lightning.gammas`.
        windows: Sides of the windows in pixels, odd.
        sigma: Standard deviation of the Gaussian windows in pixels, at every size.
        window: "gaussian" or "uniform".
        k1: Stabilises the luminance term of SSIM: its constant is k1^2.
        k2: Stabilises the contrast term of SSIM: its constant is k2^2.
        border: "valid" counts the window positions inside the image, "reflect" every pixel.

    Raises:
        InputError: There is no window, a size is even, or a setting is out of range.

    Examples:
        >>> from hdr_lightning.gammas import CueGamma
        >>> fused, exposures = torch.rand(1, 3, 32, 32, requires_grad=True), torch.rand(1, 2, 3, 32, 32)
        >>> terms = WeightedSSIMLoss(CueGamma(["var", "grad"]))(fused, exposures)
        >>> terms["loss"].backward()
        >>> sorted(terms)
        ['loss', 'ssim_11', 'ssim_3', 'ssim_5', 'ssim_7', 'ssim_9']
    """

    def __init__(
        self,
        gamma: nn.Module,
        windows: Sequence[int] = SIZES,
        sigma: float = 1.5,
        window: Literal["gaussian", "uniform"] = "gaussian",
        k1: float = 0.01,
        k2: float = 0.03,
        border: Border = "valid",
    ) -> None:
        super().__init__()
        if not windows or len(set(windows)) < len(windows):
            raise InputError(f"Expected loss.windows to be different odd sizes. Got {list(windows)}")
        if window not in ("gaussian", "uniform"):
            raise InputError(f"Expected loss.window to be 'gaussian' or 'uniform'. Got {window!r}")
        if not (k1 > 0 and k2 > 0):
            raise InputError(f"Expected loss.k1 and loss.k2 above 0. Got {k1} and {k2}")
        spread = sigma if window == "gaussian" else None
        self.gamma, self.k1, self.k2 = gamma, k1, k2
        self.windows = tuple(Window(size, spread, border) for size in windows)

    def forward(self, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
        """Terms of the loss, averaged over the batch.

        Args:
            fused: (B, C, H, W), clipped to [0, 1] first.
            exposures: (B, K, C, H, W) in [0, 1]. They receive no gradient.

        Returns:
            "loss" in [0, 2], the one to minimise, and "ssim_11", ... for each window its weighted SSIM,
            without a gradient.

        Raises:
            InputError: The shapes do not fit, the image is smaller than a window, or the values are no
                floats or on another scale.
        """
        check_scale("a fused image", fused, UNCLIPPED_SLACK)
        image = fused.clamp(0, 1)
        loss, scores = weighted_ssim_loss(image, exposures, self.gamma, self.windows, self.k1, self.k2)
        names = (f"ssim_{window.size}" for window in self.windows)
        return {"loss": loss, **dict(zip(names, scores.unbind(), strict=True))}

    def gamma_maps(self, exposures: Tensor) -> Tensor:
        """Gamma of the largest window for every pixel, as a picture of what the loss trusts.

        Args:
            exposures: (B, K, C, H, W) in [0, 1].

        Returns:
            (B, K, 1 or C, H, W), summing to 1 over K.
        """
        largest = max(self.windows, key=lambda window: window.size)
        return self.gamma(exposures, Window(largest.size, largest.sigma, "reflect"))


def weighted_ssim_loss(
    fused: Tensor,
    exposures: Tensor,
    gamma: Gamma,
    windows: Sequence[Window] = WINDOWS,
    k1: float = 0.01,
    k2: float = 0.03,
) -> tuple[Tensor, Tensor]:
    """One minus the mean over windows, channels and positions of sum_k gamma_k ssim_k (eq. 4).

    Args:
        fused: (B, C, H, W) in [0, 1]; differentiable once.
        exposures: (B, K, C, H, W) in [0, 1]. They receive no gradient.
        gamma: Maps exposures and window to (B, K, 1 or C, H', W'), summing to 1 over K.
        windows: Windows of the SSIM maps.
        k1: Constant of the luminance term, before squaring.
        k2: Constant of the contrast term, before squaring.

    Returns:
        The loss, a scalar in [0, 2], and the weighted SSIM of each window without a gradient,
        (len(windows),); float64 where the fused image is float64, float32 otherwise.

    Raises:
        InputError: The shapes do not fit, the image is smaller than a window, or the values are no floats
            or lie far outside [0, 1].

    Examples:
        >>> from hdr_lightning.gammas import CueGamma
        >>> exposures = torch.rand(1, 1, 3, 32, 32).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> loss, _ = weighted_ssim_loss(exposures[:, 0], exposures, CueGamma())
        >>> round(loss.item(), 3)
        0.0
    """
    if exposures.ndim != 5 or fused.shape != exposures[:, 0].shape:
        shapes = f"{tuple(fused.shape)} and {tuple(exposures.shape)}"
        raise InputError(f"Expected a fused image (B, C, H, W) and exposures (B, K, C, H, W). Got {shapes}")
    check_scale("a fused image", fused)
    check_scale("exposures", exposures)
    dtype = torch.promote_types(fused.dtype, torch.float32)
    gammas = [gamma(exposures, window).detach().to(dtype) for window in windows]
    padding = max(window.size // 2 if window.border == "reflect" else 0 for window in windows)
    with torch.autocast(fused.device.type, enabled=False):
        mean, scores = WeightedSSIM.apply(  # type: ignore[no-untyped-call]
            _reflect(fused.to(dtype).flatten(0, 1), padding),
            _reflect(_by_exposure(exposures.detach().to(dtype)), padding),
            [_by_exposure(maps.expand(-1, -1, fused.shape[1], -1, -1)) for maps in gammas],
            windows,
            (k1**2, k2**2),
        )
    return 1 - mean, scores


def _by_exposure(images: Tensor) -> Tensor:
    """(B, K, C, H, W) -> (K, B * C, H, W)."""
    return images.transpose(0, 1).flatten(1, 2)


def _reflect(planes: Tensor, padding: int) -> Tensor:
    return F.pad(planes, (padding,) * 4, mode="reflect") if padding else planes
