import pytest
import torch

from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.fusers.band_plan import Plan


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    image = torch.zeros(1, 1, 1, height, width)
    return [(level.shape[-2], level.shape[-1]) for level in gaussian(image, depth(image))]


def test_small_image_is_worked_on_whole() -> None:
    plan = Plan.of(sizes(64, 64), pixels=64 * 64, coarseness=1, farthest=2)
    assert (plan.small, plan.finest, plan.last) == (0, 0, len(plan.sizes) - 1)
    # Each band is decided a level above it, the coarsest by itself.
    assert plan.places == [1, 2, 3, 4, 5, 6, 6][: plan.last + 1] or plan.places[-1] == plan.last
    assert [place - band for band, place in enumerate(plan.places)][:-1] == [1] * plan.last


@pytest.mark.parametrize("pixels", [8 * 8, 16 * 16])
def test_large_image_is_worked_on_from_the_level_that_fits(pixels: int) -> None:
    plan = Plan.of(sizes(64, 64), pixels, coarseness=1, farthest=2)
    height, width = plan.sizes[plan.small]
    assert height * width <= pixels
    height, width = plan.sizes[plan.small - 1]
    assert height * width > pixels
    assert min(plan.places) >= plan.small and plan.finest == plan.small - 2


def test_gains_grow_to_the_size_of_their_band_or_half_of_it() -> None:
    plan = Plan.of(sizes(53, 71), pixels=30 * 40, coarseness=2, farthest=3)
    for band, size in enumerate(plan.sizes):
        place = plan.places[max(band, plan.finest)]
        gains = torch.full((1, 2, 1, *plan.sizes[place]), 0.25)
        if band >= plan.finest:
            half = tuple(-(-side // 2) for side in size)
            grown = plan.fitted(gains, band)
            assert grown.shape[-2:] in (size, half)
            torch.testing.assert_close(grown, torch.full_like(grown, 0.25))
