"""Equal weights: the picture that every other method has to beat."""

import torch
from torch import Tensor

from hdr_lightning.blending.in_turn import InTurn, Weigh
from hdr_lightning.fusers.base import Fuser


class Average(Fuser):
    """Give every exposure the weight 1 / K everywhere."""

    blending = "weighted_sum"

    def forward(self, exposures: Tensor) -> Tensor:
        """Weights (B, K, 1, H, W) of exposures (B, K, C, H, W)."""
        return torch.full_like(exposures[:, :, :1], 1 / exposures.shape[1])

    def in_turn(self, exposures: InTurn) -> Weigh:
        """The same for one exposure after the other."""
        weights = torch.full((1, 1, 1, *exposures.size), 1 / len(exposures))
        return lambda number: weights
