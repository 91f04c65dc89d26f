"""Scores of a fused image: pure functions, and thin torchmetrics classes that keep them per scene.

`registry.METRICS` has all of them by name, with what they mean and which way is better.
"""

from hdr_lightning.metrics.classes import (
    CIEDE2000,
    PSNR,
    QABF,
    SSIM,
    VIF,
    Brightness,
    BrightnessDifference,
    ChromaKept,
    Clipped,
    Colourfulness,
    ColourfulnessRatio,
    DynamicRange,
    Entropy,
    MEFSSIMc,
    SpatialFrequency,
)
from hdr_lightning.metrics.colourfulness import chroma_kept, colourfulness
from hdr_lightning.metrics.mef_ssim import MEFSSIM, mef_ssim, mef_ssim_scales
from hdr_lightning.metrics.mef_ssim_c import mef_ssim_c
from hdr_lightning.metrics.mef_ssim_d import MEFSSIMd, mef_ssim_d
from hdr_lightning.metrics.q_abf import q_abf
from hdr_lightning.metrics.reference import (
    brightness_difference,
    ciede2000,
    colourfulness_ratio,
    psnr,
    ssim,
)
from hdr_lightning.metrics.registry import METRICS, SceneScore
from hdr_lightning.metrics.statistics import brightness, clipped, dynamic_range, entropy, spatial_frequency
from hdr_lightning.metrics.vif import vif

__all__ = [
    "CIEDE2000",
    "MEFSSIM",
    "METRICS",
    "PSNR",
    "QABF",
    "SSIM",
    "VIF",
    "Brightness",
    "BrightnessDifference",
    "ChromaKept",
    "Clipped",
    "Colourfulness",
    "ColourfulnessRatio",
    "DynamicRange",
    "Entropy",
    "MEFSSIMc",
    "MEFSSIMd",
    "SceneScore",
    "SpatialFrequency",
    "brightness",
    "brightness_difference",
    "chroma_kept",
    "ciede2000",
    "clipped",
    "colourfulness",
    "colourfulness_ratio",
    "dynamic_range",
    "entropy",
    "mef_ssim",
    "mef_ssim_c",
    "mef_ssim_d",
    "mef_ssim_scales",
    "psnr",
    "q_abf",
    "spatial_frequency",
    "ssim",
    "vif",
]
