import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.fusers import Average


@pytest.mark.parametrize("k", [2, 3, 5])
def test_every_exposure_weighs_the_same(k: int) -> None:
    assert_close(Average()(torch.rand(2, k, 3, 4, 7)), torch.full((2, k, 1, 4, 7), 1 / k))
