"""Scores of a fused image: pure functions, and thin torchmetrics classes that keep them per scene."""

from hdr_lightning.metrics.mef_ssim import MEFSSIM, mef_ssim, mef_ssim_scales
from hdr_lightning.metrics.mef_ssim_d import MEFSSIMd, mef_ssim_d

__all__ = ["MEFSSIM", "MEFSSIMd", "mef_ssim", "mef_ssim_d", "mef_ssim_scales"]
