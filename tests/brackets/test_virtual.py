"""Virtual exposures: what a camera would have recorded with less or more light."""

import numpy as np
import pytest
import torch

from hdr_lightning.brackets.virtual import EXPOSURE_VALUES, virtual_exposures


def exposed(code: float, stops: float) -> float:
    """The sRGB standard, literally, for one value."""
    light = code / 12.92 if code <= 0.04045 else ((code + 0.055) / 1.055) ** 2.4
    light = min(light * 2**stops, 1.0)
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


@pytest.mark.parametrize("position", range(len(EXPOSURE_VALUES)))
def test_agrees_with_the_standard(position: int) -> None:
    codes = np.linspace(0, 1, 256)
    photograph = torch.tensor(codes, dtype=torch.float32).reshape(1, 4, 64).repeat(3, 1, 1)
    found = virtual_exposures(photograph)[position].numpy()
    expected = [exposed(code, EXPOSURE_VALUES[position]) for code in codes]
    np.testing.assert_allclose(found, np.broadcast_to(np.reshape(expected, (4, 64)), (3, 4, 64)), atol=1e-5)


def test_sorted_dark_to_bright_and_in_range() -> None:
    torch.manual_seed(0)
    photograph = torch.rand(3, 20, 30)
    found = virtual_exposures(photograph)
    assert found.shape == (len(EXPOSURE_VALUES), 3, 20, 30)
    torch.testing.assert_close(found[0], photograph)
    assert bool((found[1] > photograph).all())
    assert found.min() >= 0 and found.max() <= 1


def test_leaves_the_photograph_alone() -> None:
    photograph = torch.full((3, 2, 2), 0.5)
    virtual_exposures(photograph)
    assert bool((photograph == 0.5).all())
