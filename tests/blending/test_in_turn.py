import numpy as np
import pytest
import torch

from hdr_lightning import filters
from hdr_lightning.blending.in_turn import InTurn
from hdr_lightning.cues import to_gray
from hdr_lightning.levels import to_float


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_exposure_is_what_it_is_at_once(depth: type, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    photographs = [random.integers(0, np.iinfo(depth).max, (31, 20, 3), dtype=depth) for _ in range(2)]
    exposures = InTurn(photographs)
    assert (len(exposures), exposures.size) == (2, (31, 20))
    monkeypatch.setattr(filters, "STRIP", 100)  # five rows each
    for number, pixels in enumerate(photographs):
        whole = to_float(pixels)[None, None]
        torch.testing.assert_close(exposures.image(number, slice(3, 9)), whole[..., 3:9, :])
        torch.testing.assert_close(exposures.gray(number), to_gray(whole))
        planes = list(exposures.planes(number, "rgb"))
        torch.testing.assert_close(torch.cat(planes, dim=2), whole)
