"""A metric: a column of every evaluation once the package is installed."""

from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.metrics.registry import ScoreInfo


def contrast(fused: Tensor, exposures: Tensor) -> Tensor:
    """Standard deviation of gray (B,) of images (B, 3, H, W); the exposures do not matter here."""
    return to_gray(fused).flatten(1).std(dim=1)


CONTRAST = ScoreInfo("Contrast (std of gray)", contrast, "higher", "Spread of gray over the whole image.")
