import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand
from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import BandNet, BrightnessNet, Variance
from hdr_lightning.fusers.brightness import BANDS
from hdr_lightning.fusion import Fusion
from hdr_lightning.losses import BracketLoss


def exposures(size: tuple[int, int] = (53, 71), count: int = 3) -> Tensor:
    images = torch.rand(1, count, 3, *size, generator=torch.Generator().manual_seed(1))
    return images * torch.linspace(0.2, 1, count).view(1, -1, 1, 1, 1)


def opinionated() -> BrightnessNet:
    torch.manual_seed(0)
    network = BrightnessNet(features=4).eval()
    torch.nn.init.normal_(network.brightness.head.weight)
    return network


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (40, 300), (53, 71)])
def test_weights_of_every_band_sum_to_one(size: tuple[int, int]) -> None:
    images = exposures(size)
    weights = opinionated()(images)
    assert [band.shape for band in weights] == [
        level.shape for level in gaussian(images[:, :, :1], depth(images))
    ]
    for band in weights:
        assert band.min() >= 0
        assert_close(band.sum(1), torch.ones_like(band[:, 0]))


@pytest.mark.parametrize("size", [(53, 71), (360, 420)])  # the second is looked at in half its size
def test_it_mixes_the_coarsest_bands_as_the_network_does_that_it_is_a_part_of(size: tuple[int, int]) -> None:
    images, part, whole = exposures(size), opinionated(), BandNet(brightness=4).eval()
    missing, unexpected = whole.load_state_dict(part.state_dict(), strict=False)
    assert not unexpected and not any(name.startswith("brightness") for name in missing)
    for own, of_whole in zip(part(images)[-BANDS:], whole(images)[-BANDS:], strict=True):
        assert_close(own, of_whole)
        assert (own - 1 / 3).abs().max() > 0.001


def test_finer_bands_have_the_shares_of_the_variance() -> None:
    images = exposures()
    shares = gaussian(Variance()(images), depth(images))
    for own, share in zip(opinionated()(images)[:-BANDS], shares[:-BANDS], strict=True):
        assert_close(own, share)


def test_steps_by_the_mix_bring_a_pair_towards_the_bracket() -> None:
    torch.manual_seed(0)
    bracket, network = exposures((48, 64), count=5), BrightnessNet(features=4)
    pair, loss = bracket[:, [0, -1]], BracketLoss(structure=0, brightness=0, mix=1, tones=0, colour=0)
    optimizer, apart = torch.optim.Adam(network.parameters(), lr=0.01), []
    for _ in range(20):
        optimizer.zero_grad()
        blended, weights = Fusion(network, MultiBand()).blend(pair)
        terms = loss(blended, pair, bracket, weights)
        terms["loss"].backward()
        assert all(parameter.grad is not None for parameter in network.parameters())
        optimizer.step()
        apart.append(terms["mix"].item())
    assert apart[-1] < 0.5 * apart[0]


def test_order_of_the_exposures_does_not_matter() -> None:
    images, fusion = exposures(), Fusion(opinionated(), MultiBand())
    assert_close(fusion(images.flip(1)).image, fusion(images).image, rtol=0, atol=1e-5)


def test_no_features_are_refused() -> None:
    with pytest.raises(InputError, match="features of at least 1"):
        BrightnessNet(features=0)
