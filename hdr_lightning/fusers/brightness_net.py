"""BrightnessNet: how bright a place is to be, decided by the network for it alone."""

from torch import Tensor

from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.fusers.base import Fuser
from hdr_lightning.fusers.brightness import PIXELS, Brightness
from hdr_lightning.fusers.variance import Variance


class BrightnessNet(Fuser):
    """The part of `BandNet` that mixes the coarsest two bands; finer ones by the local variance (eq. 4).

    So it can be trained by itself, and a `BandNet` begins with it by `start_from`.

    Args:
        features: Channels.

    Raises:
        InputError: `features` is below 1.
    """

    blending = "multiband:matched"

    def __init__(self, features: int = 12) -> None:
        super().__init__()
        if features < 1:
            raise InputError(f"model: Expected features of at least 1. Got {features}")
        self.brightness = Brightness(features)

    def forward(self, exposures: Tensor) -> list[Tensor]:
        """Weigh the bands of exposures (B, K, 3, H, W) in [0, 1].

        Returns:
            For each band, finest first, weights (B, K, 1, H', W') that sum to 1 over K.
        """
        gray = gaussian(to_gray(exposures), depth(exposures))
        shares = gaussian(Variance()(exposures), len(gray) - 1)
        small = next((n for n, level in enumerate(gray) if level[0, 0].numel() <= PIXELS), len(gray) - 1)
        bright = self.brightness.of_bands(gray, small)
        return [bright.get(band, share) for band, share in enumerate(shares)]
