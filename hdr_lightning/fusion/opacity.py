"""Exposures that are transparent in parts, where they do not count."""

import torch
from torch import Tensor, nn

from hdr_lightning.blending.pyramid import Weights, gaussian


class Opaque(nn.Module):
    """A blending in which exposures have no weight where they are transparent.

    Args:
        blending: What blends.
        shown: (B, K, 1, H, W), 1 where an exposure counts and 0 where not; where none does, all count.
    """

    shown: Tensor

    def __init__(self, blending: nn.Module, shown: Tensor) -> None:
        super().__init__()
        self.blending = blending
        self.register_buffer("shown", shown, persistent=False)

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W), which show something likely where they are transparent, to (B, 3, H, W).

        In the bands of a pyramid the border is as soft as the band is coarse.
        """
        if isinstance(weights, Tensor):
            weights = counted(weights, self.shown)
        else:
            bands = gaussian(self.shown, len(weights) - 1)
            weights = [counted(band, own) for band, own in zip(weights, bands, strict=True)]
        return self.blending(exposures, weights)


def counted(weights: Tensor, shown: Tensor) -> Tensor:
    """Weights (B, K, 1, H, W) without those of transparent parts, which the other exposures get."""
    changed = weights * shown
    total = changed.sum(1, keepdim=True)
    least = torch.finfo(total.dtype).tiny
    opaque = changed * (weights.sum(1, keepdim=True) / total.clamp_min(least))
    return torch.where(total > least, opaque, weights)
