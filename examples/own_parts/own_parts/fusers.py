"""A method without training: `hdr-fuse --method midtones`, `methods=[midtones]`."""

from torch import Tensor

from hdr_lightning.cues import to_gray, well_exposedness
from hdr_lightning.fusers import Fuser


class Midtones(Fuser):
    """Weigh pixels by their closeness to mid gray."""

    blending = "multiband"

    def forward(self, exposures: Tensor) -> Tensor:
        """Weights (B, K, 1, H, W) of exposures (B, K, 3, H, W)."""
        weights = well_exposedness(to_gray(exposures)) + 1e-6
        return weights / weights.sum(1, keepdim=True)
