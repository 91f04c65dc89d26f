"""A blending: `blending=sharpened`, `hdr-fuse --blend sharpened`, `methods=[variance+sharpened]`."""

from torch import Tensor, nn

from hdr_lightning.blending import weighted_sum


class Sharpened(nn.Module):
    """A weighted sum that prefers the largest weight.

    Args:
        power: Of the weights, before they are normalised again.
    """

    def __init__(self, power: float = 2.0) -> None:
        super().__init__()
        self.power = power

    def forward(self, exposures: Tensor, weights: Tensor) -> Tensor:
        """Blend exposures (B, K, 3, H, W) by weights (B, K, 1, H, W) to (B, 3, H, W)."""
        strong = weights**self.power
        return weighted_sum(exposures, strong / strong.sum(1, keepdim=True))
