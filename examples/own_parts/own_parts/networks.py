"""A network to train: `model=tiny`, `model.features=16`."""

from torch import Tensor, nn

from hdr_lightning.cues import to_gray
from hdr_lightning.fusers import Fuser, Reach


class Tiny(Fuser):
    """Weigh each exposure by two convolutions of its own gray.

    Args:
        features: Channels between the convolutions.
    """

    blending = "weighted_sum"

    def __init__(self, features: int = 8) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, features, 3, padding=1), nn.ReLU(), nn.Conv2d(features, 1, 3, padding=1)
        )

    @property
    def reach(self) -> Reach:
        """Two pixels to every side: so large photographs are weighed in tiles."""
        return Reach(grid=1, margin=2)

    def forward(self, exposures: Tensor) -> Tensor:
        """Weights (B, K, 1, H, W) of exposures (B, K, 3, H, W)."""
        gray = to_gray(exposures)
        logits: Tensor = self.layers(gray.flatten(0, 1))
        return logits.view_as(gray).softmax(dim=1)
