"""The plain sum of weighted exposures: the paper's way to blend."""

from torch import Tensor, nn

from hdr_lightning.blending.colour import Colour, blend_in, checked
from hdr_lightning.blending.in_turn import InTurn, Weigh, coloured_in_strips, multiband_in_turn
from hdr_lightning.blending.pyramid import Weights, weigh
from hdr_lightning.errors import InputError


def weighted_sum(exposures: Tensor, weights: Weights) -> Tensor:
    """Blend by the plain sum of weighted exposures (the paper, eq. 2 and 3).

    Args:
        exposures: (B, K, C, H, W) in [0, 1].
        weights: (B, K, 1, H, W), sum to 1 over K.

    Returns:
        (B, C, H, W), never outside the range of the exposures.

    Raises:
        InputError: The two shapes do not belong together, or the weights are those of bands.

    Examples:
        >>> exposures = torch.stack([torch.zeros(3, 4, 4), torch.ones(3, 4, 4)])[None]
        >>> weighted_sum(exposures, torch.full((1, 2, 1, 4, 4), 0.5)).unique()
        tensor([0.5000])
    """
    weights = one_map(weights)
    check_shapes(exposures, weights)
    return weigh(exposures, weights)


class WeightedSum(nn.Module):
    """`weighted_sum` as a module.

    Args:
        colour: The colours that are blended, see `colour.blend_in`.
    """

    def __init__(self, colour: Colour = "rgb") -> None:
        super().__init__()
        self.colour = checked(colour)

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W) to (B, 3, H, W)."""
        return blend_in(self.colour, weighted_sum, exposures, weights)

    def in_turn(self, exposures: InTurn, weigh: Weigh) -> Tensor:
        """What is blended of one exposure after the other: (1, 3, H, W), or a luma (1, 1, H, W)."""
        return multiband_in_turn(exposures, lambda number: one_map(weigh(number)), 0, self.colour)

    def finish_in_turn(self, exposures: InTurn, blended: Tensor) -> Tensor:
        """The image (1, 3, H, W) of what was blended."""
        return coloured_in_strips(exposures, blended, self.colour)


def one_map(weights: Weights) -> Tensor:
    """The weights, if they are one map and not those of bands.

    Raises:
        InputError: They are those of bands.
    """
    if not isinstance(weights, Tensor):
        raise InputError(
            "blending: Expected one weight for each pixel to blend by weighted_sum. "
            "Got weights of every band, which need multiband"
        )
    return weights


def check_shapes(exposures: Tensor, weights: Tensor) -> None:
    """Refuse weights that do not belong to exposures.

    Raises:
        InputError: The two shapes do not fit each other.
    """
    b, k, _, h, w = exposures.shape if exposures.ndim == 5 else (0,) * 5
    if k == 0 or weights.shape != (b, k, 1, h, w):
        raise InputError(
            "Expected exposures (B, K, C, H, W) and weights (B, K, 1, H, W). "
            f"Got {tuple(exposures.shape)} and {tuple(weights.shape)}"
        )
