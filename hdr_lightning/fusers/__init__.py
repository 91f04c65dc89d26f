"""Exposures (B, K, 3, H, W) to weights (B, K, 1, H, W) that sum to 1 over K, learned or not.

`BandNet` and `BrightnessNet` give such weights for every band of the pyramid instead of one map.

Every one of them is a `Fuser`, the contract of its own that an outside one has to keep too.
"""

from hdr_lightning.fusers.adaptive import Adaptive
from hdr_lightning.fusers.average import Average
from hdr_lightning.fusers.bandnet import BandNet
from hdr_lightning.fusers.base import Fuser, Reach
from hdr_lightning.fusers.brightness_net import BrightnessNet
from hdr_lightning.fusers.mertens import Mertens
from hdr_lightning.fusers.variance import Variance
from hdr_lightning.fusers.vgg import VGG

__all__ = ["VGG", "Adaptive", "Average", "BandNet", "BrightnessNet", "Fuser", "Mertens", "Reach", "Variance"]
