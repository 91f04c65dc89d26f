"""Curves from values to light: the standard's, and one fitted to a bracket."""

from collections.abc import Callable

import kornia.color
import pytest
import torch
from torch import Tensor

from hdr_lightning.radiance.response import Response, decode, encode, fit

Curve = Callable[[Tensor], Tensor]


def bent(light: Tensor) -> Tensor:
    """A camera that deepens shadows and lights: half a smooth step over a power."""
    code = light ** (1 / 2.2)
    return code + 0.5 * (code.square() * (3 - 2 * code) - code)


def bracket(curve: Curve, factors: Tensor) -> tuple[Tensor, Tensor]:
    """Eleven stops of light in three colours, and their exposures of 8 bits."""
    light = torch.logspace(-3.3, 0, 500) * torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    light = light * torch.linspace(0.8, 1, 40)[:, None]
    exposed = torch.stack([curve((light * factor).clamp(0, 1)) for factor in factors])
    return light, (exposed * 255).round() / 255


def test_curve_of_srgb_is_that_of_kornia() -> None:
    code = torch.linspace(0, 1, 3 * 64).reshape(3, 8, 8)
    torch.testing.assert_close(decode(code), kornia.color.rgb_to_linear_rgb(code))
    torch.testing.assert_close(encode(decode(code)), code)
    torch.testing.assert_close(Response()(code), decode(code))


@pytest.mark.parametrize("curve", [bent, lambda light: light ** (1 / 1.8)])
def test_fitted_curve_is_that_of_the_camera(curve: Curve) -> None:
    """To a factor that no bracket can tell, and to 0.03 stops where sRGB is more than thrice as far away."""
    factors = torch.tensor([1.0, 4.0, 16.0, 64.0])
    _, exposures = bracket(curve, factors)
    light = torch.linspace(0.01, 0.9, 300)
    errors = []
    for response in (fit(exposures, factors), Response()):
        apart = response(curve(light)).log2() - light.log2()
        errors.append(float((apart - apart.median()).abs().mean()))
    assert errors[0] < 0.03 and errors[1] > 3 * errors[0]


def test_photographs_in_srgb_stay_so() -> None:
    factors = torch.tensor([1.0, 4.0])
    fitted = fit(bracket(encode, factors)[1], factors)
    code = torch.linspace(0.02, 1, 99)
    torch.testing.assert_close(fitted(code).log2(), decode(code).log2(), rtol=0, atol=0.01)


def test_nothing_to_fit_or_nonsense_is_srgb() -> None:
    code = torch.linspace(0, 1, 99)
    noise = torch.rand(3, 3, 30, 30, generator=torch.Generator().manual_seed(0))
    for exposures in (torch.zeros(3, 3, 30, 30), torch.ones(3, 3, 2, 2), noise):
        curve = fit(exposures, torch.tensor([1.0, 500.0, 1e6]))(code)
        assert bool((curve.diff() > 0).all()) and curve[-1] == 1
