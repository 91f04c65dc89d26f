"""What a fusion is trained to minimise: a module maps fused image and exposures to named terms."""

from hdr_lightning.losses.bracket import BracketLoss
from hdr_lightning.losses.mef_ssim import MEFSSIMLoss
from hdr_lightning.losses.supervised import SupervisedLoss
from hdr_lightning.losses.weighted_ssim import WeightedSSIMLoss, weighted_ssim_loss

__all__ = ["BracketLoss", "MEFSSIMLoss", "SupervisedLoss", "WeightedSSIMLoss", "weighted_ssim_loss"]
