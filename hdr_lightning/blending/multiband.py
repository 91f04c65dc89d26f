"""The multi-band (pyramid) blend: each band of a Laplacian pyramid is mixed by weights of its own."""

from functools import partial

from torch import Tensor, nn

from hdr_lightning.blending.colour import Colour, blend_in, checked
from hdr_lightning.blending.in_range import into_range, soft_clip
from hdr_lightning.blending.in_turn import InTurn, Weigh, coloured_in_strips, multiband_in_turn
from hdr_lightning.blending.pyramid import Weights, add_band, depth, down, halvings_for, weigh
from hdr_lightning.blending.weighted_sum import check_shapes


def multiband(exposures: Tensor, weights: Weights, levels: int | None = None) -> Tensor:
    """Blend each band of a Laplacian pyramid by weights of its own, or all by one map (Mertens 2007, 3.2).

    One map is smoothed and halved from band to band, a Gaussian pyramid. The filters and edges are those of
    OpenCV's pyrDown and pyrUp (Burt and Adelson 1983: 1, 4, 6, 4, 1).

    Args:
        exposures: (B, K, C, H, W) in [0, 1], any size.
        weights: (B, K, 1, H, W), sum to 1 over K; or one tensor for every band of the full pyramid, each of
            the size of `pyramid.gaussian`, finest first. Where those of a band sum to something else, that is
            the factor by which the band is amplified; the coarsest sum to 1.
        levels: How often the pyramid halves the image; by default as often as the smaller side allows,
            `pyramid.depth`, which is also the most. Fewer levels leave halos and cost score.

    Returns:
        (B, C, H, W). Not clipped: a few per cent of the values usually lie outside [0, 1], see `clip`.

    Raises:
        InputError: The shapes do not belong together, or `levels` is negative or not that of the weights.

    Examples:
        >>> exposures = torch.rand(1, 2, 3, 32, 32)
        >>> only_first = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1, 1).expand(-1, -1, -1, 32, 32)
        >>> torch.allclose(multiband(exposures, only_first), exposures[:, 0], atol=1e-6)
        True
    """
    deepest = halvings_for(weights, levels, depth(exposures))
    check_shapes(exposures, weights if isinstance(weights, Tensor) else weights[0])
    return _blend(exposures, weights, deepest)


class MultiBand(nn.Module):
    """`multiband` as a module.

    Args:
        levels: How often the pyramid halves the image; None for as often as its size allows.
        colour: The colours that are blended, see `colour.blend_in`.
        in_range: Move what leaves [0, 1] by `into_range`, and a luma by `soft_clip` then.
    """

    def __init__(self, levels: int | None = None, colour: Colour = "rgb", in_range: bool = False) -> None:
        super().__init__()
        self.levels, self.colour, self.in_range = levels, checked(colour), in_range

    def forward(self, exposures: Tensor, weights: Weights) -> Tensor:
        """Blend (B, K, 3, H, W) by weights (B, K, 1, H, W), or by those of bands, unclipped."""
        if self.colour == "matched":  # whose colours are chosen by the final luma
            return blend_in(self.colour, self._blend_luma, exposures, weights)
        fused = blend_in(self.colour, partial(multiband, levels=self.levels), exposures, weights)
        return into_range(fused) if self.in_range else fused

    def in_turn(self, exposures: InTurn, weigh: Weigh) -> Tensor:
        """What is blended of one exposure after the other: (1, 3, H, W), or a luma (1, 1, H, W)."""
        return multiband_in_turn(exposures, weigh, self.levels, self.colour)

    def finish_in_turn(self, exposures: InTurn, blended: Tensor) -> Tensor:
        """The image (1, 3, H, W), unclipped, of what was blended."""
        if self.in_range and self.colour == "matched":
            blended = soft_clip(into_range(blended))
        image = coloured_in_strips(exposures, blended, self.colour)
        return into_range(image) if self.in_range and self.colour != "matched" else image

    def _blend_luma(self, exposures: Tensor, weights: Weights) -> Tensor:
        fused = multiband(exposures, weights, self.levels)
        return soft_clip(into_range(fused)) if self.in_range else fused


def _blend(exposures: Tensor, weights: Weights, levels: int) -> Tensor:
    single = isinstance(weights, Tensor)
    here = weights if isinstance(weights, Tensor) else weights[0]
    if levels == 0:
        return weigh(exposures, here)
    coarse = down(exposures)
    coarser = down(weights) if isinstance(weights, Tensor) else weights[1:]
    return add_band(_blend(coarse, coarser, levels - 1), coarse, exposures, here, amplified=not single)
