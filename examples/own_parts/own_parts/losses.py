"""A loss: `loss=near_mean`, `loss.weight=2`."""

from torch import Tensor, nn


class NearMean(nn.Module):
    """The distance of the image from the mean of the exposures.

    Args:
        weight: Factor of the loss.
    """

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
        """Terms, of which `loss` is minimised, of images (B, 3, H, W) and exposures (B, K, 3, H, W)."""
        return {"loss": self.weight * (fused - exposures.mean(1)).abs().mean()}
