import torch

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.fusers import Average, BandNet
from hdr_lightning.fusion.fusion import Fusion, finish


def test_average_by_a_weighted_sum_is_the_mean() -> None:
    exposures = torch.rand(2, 3, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    fused = Fusion(Average(), WeightedSum())(exposures)
    torch.testing.assert_close(fused.image, exposures.mean(dim=1))
    assert fused.weights.shape == (2, 3, 1, 20, 24) and not fused.outside.any()


def test_what_leaves_the_range_is_clipped_and_counted() -> None:
    blended = torch.full((1, 3, 2, 2), 0.5)
    blended[0, 0, 0, 0], blended[0, 1, 0, 0], blended[0, 2, 1, 1] = -0.25, 1.5, 1.0
    found = finish(blended, torch.ones(1, 1, 1, 2, 2))
    torch.testing.assert_close(found.image, blended.clamp(0, 1))
    torch.testing.assert_close(found.outside, torch.tensor([2 / 12]))


def test_weights_of_bands_are_shown_by_the_finest_that_sum_to_one() -> None:
    exposures = torch.rand(1, 2, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    fusion = Fusion(BandNet(), MultiBand())
    torch.nn.init.normal_(fusion.fuser.head[-1].weight)
    weights = fusion(exposures).weights
    assert weights.shape == (1, 2, 1, 40, 40)
    torch.testing.assert_close(weights.sum(1), torch.ones(1, 1, 40, 40))


def test_ghosts_are_looked_for_before_anything_is_weighed() -> None:
    exposures = torch.rand(1, 2, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    fusion = Fusion(Average(), WeightedSum(), deghost=lambda stack: stack[:, :1].expand_as(stack))
    torch.testing.assert_close(fusion(exposures).image, exposures[:, 0])
