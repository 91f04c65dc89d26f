"""Gain maps: applied to their base they give the radiance, up to the headroom that was allowed."""

import pytest
import torch

from hdr_lightning.radiance.gain_map import applied, gain_map, scaled_to
from hdr_lightning.radiance.response import decode


@pytest.fixture
def base() -> torch.Tensor:
    return torch.rand(3, 20, 30, generator=torch.Generator().manual_seed(0))


def test_base_and_map_give_the_radiance(base: torch.Tensor) -> None:
    radiance = decode(base) ** 1.5 * torch.logspace(-1, 1.3, 30)
    gains = gain_map(base, radiance, most=10)
    assert gains.pixels.min() == 0 and gains.pixels.max() == 1
    target = scaled_to(decode(base), radiance)
    torch.testing.assert_close(applied(base, gains), target, rtol=1e-4, atol=1e-5)
    assert gains.headroom == pytest.approx(float(target.max().log2()))


def test_half_is_brighter_than_the_base(base: torch.Tensor) -> None:
    shown = scaled_to(decode(base), decode(base) ** 2 * 40)
    assert float((shown > decode(base)).float().mean()) == pytest.approx(0.5, abs=0.01)


def test_headroom_is_capped_and_hues_stay(base: torch.Tensor) -> None:
    radiance = decode(base) * torch.logspace(-1, 2, 30)
    gains = gain_map(base, radiance, most=2)
    shown, target = applied(base, gains), scaled_to(decode(base), radiance)
    assert gains.headroom == 2
    torch.testing.assert_close(shown.max(), torch.tensor(4.0))
    dimmed = target.amax(0) > 4
    assert 0 < int(dimmed.sum()) < dimmed.numel()
    torch.testing.assert_close(shown[:, ~dimmed], target[:, ~dimmed], rtol=1e-4, atol=1e-5)
    ratios = [image[:, dimmed] / image[:, dimmed].amax(0) for image in (shown, target)]
    torch.testing.assert_close(*ratios, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_pictures(value: float) -> None:
    base = torch.full((3, 4, 4), value)
    for radiance in (torch.zeros(3, 4, 4), torch.full((3, 4, 4), 7.0)):
        gains = gain_map(base, radiance, most=4)
        assert gains.pixels.isfinite().all() and gains.highest > gains.lowest and gains.headroom > 0
