"""What every fuser is: exposures in, weights out, and what others have to know of it."""

from typing import NamedTuple, Self

from torch import Tensor, nn

from hdr_lightning.blending.in_turn import InTurn, Weigh
from hdr_lightning.blending.pyramid import Weights


class Reach(NamedTuple):
    """How far a weight looks: the grid that its poolings lie on, and the margin around a cell of that grid.

    Attributes:
        grid: Tiles have to begin at multiples of this, or the poolings would pair other pixels.
        margin: Pixels outside its cell of the grid that may change a weight, a multiple of `grid`.
    """

    grid: int
    margin: int


class Fuser(nn.Module):
    """Weigh exposures, by a network or by a rule. A subclass gives `forward`.

    Attributes:
        blending: Name of the blending that suits it best, for those who name none.
        exposures: The only number of exposures that it takes; None for any.
    """

    blending: str = "multiband"
    exposures: int | None = None

    @property
    def reach(self) -> Reach | None:
        """How far its weights look, so that large photographs are weighed in tiles.

        None where a weight may depend on the whole image, which is then weighed at once.
        """
        return None

    def in_turn(self, exposures: InTurn) -> Weigh | None:
        """What weighs one exposure after the other as `forward` weighs all at once; None for who cannot.

        It is for weights that follow from one exposure and from sums over all: then a long bracket of large
        photographs needs hardly more memory than a short one.
        """
        return None

    def reduced_from(self, pixels: int) -> Self:
        """Who weighs exposures that were reduced from that many pixels each as this weighs them in full size.

        It shares its parameters with this one, and is this one where the size makes no difference.
        """
        return self

    def forward(self, exposures: Tensor) -> Weights:
        """Weights of exposures.

        Args:
            exposures: (B, K, 3, H, W) in [0, 1], sorted dark to bright.

        Returns:
            (B, K, 1, H, W), not negative, sum to 1 over K; or a list of those of every band of the pyramid,
            see `hdr_lightning.blending.multiband`.
        """
        raise NotImplementedError
