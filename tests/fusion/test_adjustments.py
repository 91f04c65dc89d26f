"""A say in the result: what 0 leaves, which way each number moves the image, and where."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from hdr_lightning import fuse
from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Average, Mertens
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.adjustments import Adjustments, adjust
from hdr_lightning.networks.method import resolve

METHODS = ["bandnet", "mertens", "average", "variance+multiband:in_range"]


@pytest.fixture(scope="module")
def window() -> Tensor:
    """A dim red wall with a bright green window: (1, 3, 3, 64, 96), clipped as by a sensor."""
    generator = torch.Generator().manual_seed(0)
    light = torch.empty(3, 64, 96).uniform_(0.7, 1.3, generator=generator)
    light *= torch.tensor([0.03, 0.02, 0.015])[:, None, None]
    light[:, 12:44, 40:88] *= torch.tensor([20.0, 50.0, 30.0])[:, None, None]
    return torch.stack([(light * 2**stops).clamp(0, 1) ** (1 / 2.2) for stops in (-1, 2, 5)])[None]


def image(method: str, exposures: Tensor, **say: float) -> Tensor:
    with torch.inference_mode():
        result: Tensor = adjust(resolve(method), Adjustments(**say))(exposures).image
        return result


@pytest.mark.parametrize("method", METHODS)
def test_zero_is_the_very_fusion(method: str) -> None:
    fusion = resolve(method)
    assert adjust(fusion, Adjustments()) is fusion


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["brightness", "highlights", "shadows"])
def test_more_is_brighter_in_steps(method: str, name: str, window: Tensor) -> None:
    means = [float(image(method, window, **{name: value}).mean()) for value in (-1, -0.5, 0, 0.5, 1)]
    assert all(later > earlier + 0.003 for earlier, later in pairwise(means)), means


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "bright"), [("highlights", True), ("shadows", False)])
def test_areas_change_where_they_are_and_in_one_direction(
    method: str, name: str, bright: bool, window: Tensor
) -> None:
    plain = image(method, window)
    for value in (-1.0, 1.0):
        change = value * (image(method, window, **{name: value}) - plain)
        assert change.min() >= -1e-5
        inside, outside = change[..., 16:40, 44:84].mean(), change[..., 50:, :].mean()
        there, elsewhere = (inside, outside) if bright else (outside, inside)
        assert there > 3 * elsewhere > 0


def test_a_pulled_window_is_that_of_the_dark_exposure_and_no_gray(window: Tensor) -> None:
    """The dark exposure alone shows the window's colour; a curve cannot bring back what the others clip."""
    dark, plain = window[:, 0], image("mertens", window)
    pulled = image("mertens", window, highlights=-1)
    place = (..., slice(16, 40), slice(44, 84))
    assert (pulled - dark)[place].abs().mean() < 0.5 * (plain - dark)[place].abs().mean()
    assert _colour(pulled)[place].mean() > 1.2 * _colour(plain)[place].mean()


@pytest.mark.parametrize("method", METHODS)
def test_saturation_goes_from_gray_to_vivid_and_keeps_brightness(method: str, window: Tensor) -> None:
    images = [image(method, window, saturation=value) for value in (-1, -0.5, 0, 0.5, 1)]
    colours = [float(_colour(one).mean()) for one in images]
    assert colours[0] < 1e-5
    assert all(later > 1.05 * earlier for earlier, later in pairwise(colours)), colours
    assert all(abs(float((one - images[2]).mean())) < 0.06 for one in images)


def test_black_and_white_stay(window: Tensor) -> None:
    """Equal exposures leave nothing to weigh, so only the curve acts, and it leaves both ends."""
    ends = torch.tensor([0.0, 1.0]).repeat_interleave(32).expand(1, 3, 3, 64, 64)
    for name in Adjustments._fields:
        for value in (-1.0, 1.0):
            torch.testing.assert_close(image("average", ends, **{name: value}), ends[:, 0])


@pytest.mark.parametrize("blending", [WeightedSum(), MultiBand(), MultiBand(in_range=True)])
@pytest.mark.parametrize("size", [(2, 2), (5, 3), (40, 700)])
def test_any_size_and_number_of_exposures(blending: torch.nn.Module, size: tuple[int, int]) -> None:
    say = Adjustments(0.3, -0.6, 1.0, 0.5)
    for fuser in (Average(), Mertens()):
        for count in (2, 5):
            exposures = torch.rand(1, count, 3, *size, generator=torch.Generator().manual_seed(1))
            fused = adjust(Fusion(fuser, blending), say)(exposures).image
            assert fused.shape == (1, 3, *size) and fused.isfinite().all()


def test_numbers_outside_are_refused() -> None:
    for value in (1.1, -2, float("nan")):
        with pytest.raises(InputError, match=r"shadows: Expected a number from -1 to 1\. Got"):
            adjust(resolve("average"), Adjustments(shadows=value))


def test_from_python_as_from_the_fusion(brackets: Path) -> None:
    files = sorted(next(brackets.iterdir()).iterdir())
    plain = fuse(files, "mertens")
    np.testing.assert_array_equal(fuse(files, "mertens", brightness=0, saturation=-0.0), plain)
    assert fuse(files, "mertens", brightness=0.5).mean() > plain.mean() + 5
    gray = fuse(files, "mertens", saturation=-1)
    assert np.ptp(gray.astype(int), axis=2).max() <= 1


def _colour(image: Tensor) -> Tensor:
    return (image - to_gray(image)).abs().amax(1, keepdim=True)
