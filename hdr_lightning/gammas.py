"""How much the loss trusts each exposure at each place: gamma of eq. 4 and its variants, eq. 5 to 7."""

from collections.abc import Callable, Sequence
from functools import partial, reduce

import torch
from torch import Tensor, nn

from hdr_lightning.cues import gradient_magnitude, local_variance, to_gray, well_exposedness
from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window, smooth
from hdr_lightning.parts import Parts

Cue = Callable[[Tensor, Window], Tensor]
"""What is worth keeping in gray exposures (B, K, 1, H, W) in [0, 1] under a window: numbers of 0 or more,
(B, K, 1, H', W') of the size that `smooth` gives."""


def averaged(measure: Callable[[Tensor], Tensor]) -> Cue:
    """The cue that is the mean of a measure of single pixels under the window.

    Examples:
        >>> cue = averaged(gradient_magnitude)
        >>> cue(torch.rand(1, 2, 1, 8, 8), Window(5)).shape
        torch.Size([1, 2, 1, 4, 4])
    """
    return lambda gray, window: smooth(measure(gray), window)


CUES: Parts[Cue] = Parts(
    "cues",
    "a cue",
    {
        "var": local_variance,
        "grad": averaged(gradient_magnitude),
        "wellexp": averaged(well_exposedness),
    },
)


class CueGamma(nn.Module):
    """Gamma from one cue of the gray exposures, or from a hybrid of several (arXiv 2510.21815, eq. 4 to 7).

    A cue v is judged under the same window as the SSIM map that gamma weighs: the variance is the window's
    own, the gradient magnitude and the well-exposedness are per-pixel numbers and are averaged under it.
    Then gamma_k = g(v_k) / sum_j g(v_j), g(x) = max(x, floor).

    A hybrid a * b / sqrt(a^2 + b^2) is close to min(a, b) where the cues differ in size, and they do: on
    photographs a variance is about 1e-3, a gradient 1e-2 to 1e-1, a well-exposedness 1. So `normalize`
    first brings every cue to the scale of the first one named, by the ratio of their means over all
    exposures and pixels of the patch. A mean over all exposures leaves what gamma is about, the proportion
    between them; it needs no constant measured on some data set; and as the first cue, and with it the
    hybrid, keeps its units, the floor means what it means in eq. 4. A single cue is never changed.

    Args:
        cues: One or more names of `CUES`, such as "var", "grad", "wellexp", or dotted paths of functions.
        normalize: Bring the cues of a hybrid to one scale; without it they are taken raw.
        sigma: Width of the well-exposedness around mid gray.
        floor: Least value of a (hybrid) cue, so that places without any are shared evenly.

    Raises:
        InputError: There is no cue or an unknown one, or sigma or floor is not positive.

    Examples:
        >>> flat, textured = torch.full((3, 16, 16), 0.5), torch.rand(3, 16, 16)
        >>> gamma = CueGamma(["var"])(torch.stack([flat, textured])[None], Window(11))
        >>> bool((gamma[:, 1] > 0.99).all())  # the textured exposure is trusted
        True
    """

    def __init__(
        self,
        cues: Sequence[str] = ("var", "grad"),
        normalize: bool = True,
        sigma: float = 0.2,
        floor: float = 1e-4,
    ) -> None:
        super().__init__()
        if not cues:
            raise InputError(f"Expected gamma.cues to name some of {', '.join(CUES)}. Got none")
        if not (sigma > 0 and floor > 0):
            raise InputError(f"Expected gamma.sigma and gamma.floor above 0. Got {sigma} and {floor}")
        self.cues, self.normalize, self.sigma, self.floor = tuple(cues), normalize, sigma, floor
        own = {"wellexp": averaged(partial(well_exposedness, sigma=sigma))}
        self._cues = [own.get(name) or CUES.find(name, "loss.gamma.cues") for name in cues]

    def forward(self, exposures: Tensor, window: Window) -> Tensor:
        """Gamma for the SSIM map of one window.

        Args:
            exposures: (B, K, 3, H, W) in [0, 1]. They receive no gradient.
            window: Taps and border of the SSIM map.

        Returns:
            (B, K, 1, H', W'), positive, summing to 1 over K; the size that `smooth` gives.
        """
        with torch.no_grad(), torch.autocast(exposures.device.type, enabled=False):
            gray = to_gray(exposures.to(torch.promote_types(exposures.dtype, torch.float32)))
            cues = [cue(gray, window) for cue in self._cues]
            if self.normalize:
                cues = [_to_scale_of(cues[0], cue) for cue in cues]
            trust = reduce(_hybrid, cues).clamp_min(self.floor)
            return trust / trust.sum(dim=1, keepdim=True)


def _hybrid(first: Tensor, second: Tensor) -> Tensor:
    """Half a harmonic mean, in quadrature: a * b / sqrt(a^2 + b^2), zero where both are."""
    return first * second / torch.hypot(first, second).clamp_min(torch.finfo(first.dtype).tiny)


def _to_scale_of(reference: Tensor, cue: Tensor) -> Tensor:
    everywhere = (1, 2, 3, 4)
    mean = cue.mean(everywhere, keepdim=True).clamp_min(torch.finfo(cue.dtype).tiny)
    return cue * (reference.mean(everywhere, keepdim=True) / mean)
