"""MEF-SSIM as a loss, and what has to stand beside it because MEF-SSIM sees neither brightness nor range."""

from torch import Tensor, nn

from hdr_lightning.errors import InputError
from hdr_lightning.metrics.checks import UNCLIPPED_SLACK, check_scale
from hdr_lightning.metrics.mef_ssim import combine_scales, mef_ssim_scales
from hdr_lightning.metrics.mef_ssim_c import mef_ssim_c

MARGIN = 0.005
"""Distance from black and from white at which `overshoot` begins: the last level of 8 bits stays free."""


class MEFSSIMLoss(nn.Module):
    """One minus the official, multi-scale, gray MEF-SSIM of an unrounded image, and terms for what it misses.

    Args:
        luminance: Weight of 1 - MEF-SSIM_c, the colour variant with its luminance term, which keeps the
            brightness plausible.
        overshoot: Weight of the mean distance by which the values leave the range [0, 1], so that nothing is
            lost when the image is clipped: a network trained without it scores 0.005 less after clipping.

    Raises:
        InputError: A weight is negative.

    Examples:
        >>> exposures = torch.rand(1, 1, 3, 64, 64).expand(-1, 2, -1, -1, -1)  # one image, twice
        >>> round(MEFSSIMLoss()(exposures[:, 0], exposures)["loss"].item(), 2)
        0.0
    """

    def __init__(self, luminance: float = 0.0, overshoot: float = 0.0) -> None:
        super().__init__()
        if luminance < 0 or overshoot < 0:
            raise InputError(
                f"Expected loss.luminance and loss.overshoot of at least 0. Got {luminance} and {overshoot}"
            )
        self.luminance, self.overshoot = luminance, overshoot

    def forward(self, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
        """Terms of the loss, averaged over the batch.

        Args:
            fused: (B, 3, H, W), unclipped: what lies outside [0, 1] counts as `overshoot` and is clipped for
                the other terms. Sides of at least 44 pixels.
            exposures: (B, K, 3, H, W) in [0, 1]. They receive no gradient.

        Returns:
            "loss", the one to minimise, and without a gradient "scale_1", "scale_2", "scale_3", the scores
            of the scales, finest first, and "mef_ssim_c" and "overshoot" where they have a weight.

        Raises:
            InputError: The shapes do not fit, a side is below 44 pixels, or the values are no floats or on
                another scale.
        """
        check_scale("a fused image", fused, UNCLIPPED_SLACK)
        image = fused.clamp(0, 1)
        scales = mef_ssim_scales(image, exposures, round_gray=False)
        loss = 1 - combine_scales(scales).mean()
        terms = {f"scale_{n}": score for n, score in enumerate(scales.mean(dim=0).unbind(), start=1)}
        if self.luminance:
            terms["mef_ssim_c"] = mef_ssim_c(image, exposures, dtype=scales.dtype).mean()
            loss = loss + self.luminance * (1 - terms["mef_ssim_c"])
        if self.overshoot:
            terms["overshoot"] = (fused - fused.clamp(MARGIN, 1 - MARGIN)).abs().mean()
            loss = loss + self.overshoot * terms["overshoot"]
        return {"loss": loss, **{name: term.detach() for name, term in terms.items()}}
