import torch

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
    plan = Plan.of(SIZES, pixels=4 * 5, coarseness=1, farthest=1)
    assert plan.finest == 2
    shares = torch.rand(1, 3, 1, *SIZES[0], generator=generator).softmax(1)
    gains = 0.5 + torch.rand(1, 4, 1, *SIZES[plan.places[plan.finest]], generator=generator)
    bands = FinerBands(lambda number: shares[:, number : number + 1].clone(), gains, plan)
    weights = [bands.weights(number) for number in range(3)]
    for band in range(plan.finest):
        own = torch.cat([each[band] for each in weights], dim=1)
        assert own.shape[-2:] == SIZES[band]
        boost = grown(plan.fitted(gains[:, -1:], band), own, slice(0, own.shape[-2]))
        torch.testing.assert_close(own.sum(1, keepdim=True), boost)
