from typing import Literal

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning import filters
from hdr_lightning.cues import gradient_magnitude, local_variance, to_gray, well_exposedness
from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(2, 3, 13, 17, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_to_gray_equals_matlab_coefficients(images: torch.Tensor) -> None:
    expected = np.tensordot(images.numpy(), [0.298936021293775, 0.587043074451121, 0.114020904255103], (1, 0))
    assert_close(to_gray(images), torch.from_numpy(expected)[:, None])
    assert_close(to_gray(torch.full((3, 2, 2), 0.25)), torch.full((1, 2, 2), 0.25))


@pytest.mark.parametrize("shape", [(1, 4, 4), (4, 4, 4), (4, 4)])
def test_to_gray_raises(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="Expected images of shape"):
        to_gray(torch.zeros(shape))


@pytest.mark.parametrize("sigma", [1.5, None])
def test_local_variance_equals_loop(images: torch.Tensor, sigma: float | None) -> None:
    window = Window(5, sigma)
    taps = np.outer(window.taps(), window.taps())
    patch = images[1, 2, 4:9, 6:11].numpy()
    expected = (taps * (patch - (taps * patch).sum()) ** 2).sum()
    variance = local_variance(images, window)
    assert variance.shape == (2, 3, 9, 13)
    assert_close(variance[1, 2, 4, 6].item(), expected)


@pytest.mark.parametrize("border", ["valid", "reflect"])
def test_local_variance_in_strips_is_that_of_one_piece(
    monkeypatch: pytest.MonkeyPatch, border: Literal["valid", "reflect"]
) -> None:
    images = torch.rand(2, 2, 1, 90, 40, generator=torch.Generator().manual_seed(1))
    whole = local_variance(images, Window(11, None, border))
    monkeypatch.setattr(filters, "STRIP", 1)
    assert_close(local_variance(images, Window(11, None, border)), whole, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_local_variance_of_16_bits_is_that_of_their_values(images: torch.Tensor, dtype: torch.dtype) -> None:
    short = (0.05 + 0.02 * images).to(dtype)  # a shadow with little contrast
    assert_close(local_variance(short, Window(5)), local_variance(short.double(), Window(5)).to(dtype))


def test_local_variance_of_constants_is_nearly_zero() -> None:
    variance = local_variance(torch.full((3, 16, 16), 0.9), Window(11))
    assert (variance >= 0).all()
    assert variance.max() < 1e-6


def test_gradient_magnitude_equals_numpy(images: torch.Tensor) -> None:
    vertical, horizontal = np.gradient(images.numpy(), axis=(-2, -1))
    assert_close(gradient_magnitude(images), torch.from_numpy(np.sqrt(vertical**2 + horizontal**2)))


def test_well_exposedness_values() -> None:
    values = torch.tensor([0.5, 0.3, 0.7, 0.0])
    expected = torch.tensor([1.0, np.exp(-0.5), np.exp(-0.5), np.exp(-3.125)], dtype=torch.float32)
    assert_close(well_exposedness(values), expected)
    assert_close(well_exposedness(values, sigma=0.5)[3].item(), np.exp(-0.5), rtol=0, atol=1e-6)
