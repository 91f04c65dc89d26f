import torch

from hdr_lightning.blending.pyramid import gaussian
from hdr_lightning.fusers.band_plan import Plan
from hdr_lightning.fusers.finer_bands import FLOOR, FinerBands, grown, raised

SIZES = [(32, 40), (16, 20), (8, 10), (4, 5)]


def test_gains_of_half_the_size_grow_row_by_row() -> None:
    gains = torch.rand(1, 2, 1, 8, 10, generator=torch.Generator().manual_seed(0))
    like = torch.zeros(1, 1, 1, 16, 20)
    whole = grown(gains, like, slice(0, 16))
    parts = [grown(gains, like, slice(top, top + 4)) for top in range(0, 16, 4)]
    torch.testing.assert_close(torch.cat(parts, dim=-2), whole)
    torch.testing.assert_close(grown(whole, like, slice(2, 5)), whole[..., 2:5, :])
    shares = torch.full((1, 2, 1, 16, 20), 0.5)
    torch.testing.assert_close(raised(shares, whole, slice(0, 16)), (0.5 + FLOOR) * whole)


def test_weights_of_a_band_sum_to_its_boost() -> None:
    generator = torch.Generator().manual_seed(0)
    shares = torch.rand(1, 3, 1, *SIZES[0], generator=generator).softmax(1)
    gains = [0.5 + torch.rand(1, 4, 1, *SIZES[band + 1], generator=generator) for band in range(2)]
    plan = Plan.of(SIZES, pixels=8 * 10, coarseness=1, farthest=0)
    bands = FinerBands(lambda number: shares[:, number : number + 1].clone(), gains, plan)
    weights = [bands.weights(number) for number in range(3)]
    for band, boost in enumerate(gain[:, -1:] for gain in gains):
        own = torch.cat([each[band] for each in weights], dim=1)
        assert own.shape[-2:] == SIZES[band]
        like = gaussian(shares, 1)[band][:, :1]
        torch.testing.assert_close(own.sum(1, keepdim=True), grown(boost, like, slice(0, SIZES[band][0])))
