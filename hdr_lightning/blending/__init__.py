"""Weights and exposures to one image: the weighted sum of the paper and the multi-band (pyramid) blend."""

from hdr_lightning.blending.in_range import clip, into_range, soft_clip
from hdr_lightning.blending.multiband import MultiBand, multiband
from hdr_lightning.blending.weighted_sum import WeightedSum, weighted_sum

__all__ = ["MultiBand", "WeightedSum", "clip", "into_range", "multiband", "soft_clip", "weighted_sum"]
