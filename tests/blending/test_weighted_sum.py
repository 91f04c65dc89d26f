import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.blending import WeightedSum, pyramid, weighted_sum
from hdr_lightning.errors import InputError


def test_weighted_sum_is_equation_2() -> None:
    torch.manual_seed(0)
    exposures = torch.rand(2, 3, 3, 5, 4, dtype=torch.float64)
    weights = torch.randn(2, 3, 1, 5, 4, dtype=torch.float64).softmax(dim=1)
    expected = torch.einsum("bkchw,bkhw->bchw", exposures, weights[:, :, 0])
    assert_close(WeightedSum()(exposures, weights), expected)


def test_weights_of_bands_are_refused() -> None:
    bands = pyramid.gaussian(torch.full((1, 2, 1, 16, 16), 0.5), 4)
    with pytest.raises(InputError, match="need multiband"):
        weighted_sum(torch.rand(1, 2, 3, 16, 16), bands)
