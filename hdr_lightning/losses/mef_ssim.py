"""MEF-SSIM as a loss: the arithmetic of the metric without the rounding to 8 bits."""

from torch import Tensor, nn

from hdr_lightning.metrics.mef_ssim import combine_scales, mef_ssim_scales


class MEFSSIMLoss(nn.Module):
    """One minus the official, multi-scale, gray MEF-SSIM of unrounded images.

    It sees neither brightness nor colour: what it trains has to be judged by other scores and by eye, too.
    """

    def forward(self, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
        """Terms of the loss, averaged over the batch.

        Args:
            fused: (B, 3, H, W) in [0, 1], sides of at least 44 pixels.
            exposures: (B, K, 3, H, W) in [0, 1]. They receive no gradient.

        Returns:
            "loss" in [0, 1], the one to minimise, and "scale_1", "scale_2", "scale_3", the scores of the
            scales, finest first, without a gradient.

        Raises:
            InputError: if the shapes do not fit or a side is below 44 pixels.
        """
        scales = mef_ssim_scales(fused, exposures, round_gray=False)
        terms = {"loss": 1 - combine_scales(scales).mean()}
        for number, score in enumerate(scales.detach().mean(dim=0).unbind(), start=1):
            terms[f"scale_{number}"] = score
        return terms
