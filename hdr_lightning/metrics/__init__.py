"""Scores of a fused image: pure functions, and thin torchmetrics classes that keep them per scene."""

from hdr_lightning.metrics.mef_ssim import MEFSSIM, mef_ssim, mef_ssim_scales

__all__ = ["MEFSSIM", "mef_ssim", "mef_ssim_scales"]
