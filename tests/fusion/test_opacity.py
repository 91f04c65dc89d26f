import torch

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.fusion.opacity import Opaque, counted


def test_others_get_the_weight_of_what_is_transparent() -> None:
    weights = torch.tensor([0.5, 0.25, 0.25]).view(1, 3, 1, 1, 1)
    shown = torch.tensor([0.0, 1.0, 1.0]).view(1, 3, 1, 1, 1)
    torch.testing.assert_close(counted(weights, shown).flatten(), torch.tensor([0, 0.5, 0.5]))
    torch.testing.assert_close(counted(weights, torch.zeros_like(shown)), weights)
    torch.testing.assert_close(counted(2 * weights, shown).sum(1), 2 * torch.ones(1, 1, 1, 1))


def test_hidden_half_of_an_exposure_does_not_count() -> None:
    exposures = torch.rand(1, 2, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    shown = torch.ones(1, 2, 1, 32, 64)
    shown[:, 0, ..., 32:] = 0
    weights = torch.full_like(shown, 0.5)
    found = Opaque(WeightedSum(), shown)(exposures, weights)
    torch.testing.assert_close(found[..., :32], exposures.mean(dim=1)[..., :32])
    torch.testing.assert_close(found[..., 32:], exposures[:, 1, ..., 32:])
    assert Opaque(MultiBand(), shown)(exposures, weights).shape == (1, 3, 32, 64)
