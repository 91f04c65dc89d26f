"""Exposures (B, K, 3, H, W) to weights (B, K, 1, H, W) that sum to 1 over K, learned or not.

Every fuser names the blending that suits it best in its class attribute `blending`.
"""

from hdr_lightning.fusers.adaptive import Adaptive
from hdr_lightning.fusers.average import Average
from hdr_lightning.fusers.mertens import Mertens
from hdr_lightning.fusers.reach import Reach
from hdr_lightning.fusers.variance import Variance
from hdr_lightning.fusers.vgg import VGG

__all__ = ["VGG", "Adaptive", "Average", "Mertens", "Reach", "Variance"]
