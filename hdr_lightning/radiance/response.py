"""The curve from the values of a photograph to light: that of sRGB, or one fitted to the bracket."""

import torch
from torch import Tensor

# IEC 61966-2-1
_SLOPE, _LIGHT, _CODE, _OFFSET, _POWER = 12.92, 0.0031308, 0.04045, 0.055, 2.4
TERMS = 4
"""Polynomials by which the logarithm of a fitted curve differs from that of sRGB."""
_RIDGE = 1e-4
_SAMPLES = 20_000
_LOWEST, _HIGHEST = 0.02, 0.98


def decode(code: Tensor) -> Tensor:
    """Linear light in [0, 1] of values in [0, 1] that are coded by the curve of sRGB."""
    light = ((code + _OFFSET) / (1 + _OFFSET)).pow(_POWER)
    return torch.where(code <= _CODE, code / _SLOPE, light)


def encode(light: Tensor) -> Tensor:
    """The inverse of `decode`."""
    code = light.clamp_min(_LIGHT).pow(1 / _POWER) * (1 + _OFFSET) - _OFFSET
    return torch.where(light <= _LIGHT, light * _SLOPE, code)


class Response:
    """The curve of a camera: light = decode(code) x exp(a polynomial of code that is 0 at 1).

    Args:
        coefficients: (TERMS,) of the polynomial; zeros for sRGB.
    """

    def __init__(self, coefficients: Tensor | None = None) -> None:
        self.coefficients = torch.zeros(TERMS) if coefficients is None else coefficients

    def __call__(self, code: Tensor) -> Tensor:
        """Light in [0, 1], relative to that which saturates the sensor, of any tensor of values in [0, 1]."""
        bend = torch.zeros_like(code)
        for coefficient in reversed(self.coefficients.tolist()):  # Horner's scheme, times (code - 1)
            bend = bend * code + coefficient
        return decode(code) * (bend * (code - 1)).exp()


def fit(exposures: Tensor, light: Tensor) -> Response:
    """The curve by which the exposures of a bracket agree best, all colours alike.

    Where two neighbours are well exposed, the logarithms of their light differ by that of their exposures: a
    linear equation in the coefficients (Debevec and Malik 1997, with polynomials instead of 256 free values,
    and sRGB, not smoothness, as what is assumed where the bracket does not tell).

    Args:
        exposures: (K, 3, H, W) in [0, 1], dark to bright.
        light: (K,) relative exposures that are known from elsewhere, such as EXIF.

    Returns:
        The curve, or that of sRGB where the fit is not monotonic.
    """
    stride = max(1, int((exposures[0].numel() * (len(light) - 1) / _SAMPLES) ** 0.5))
    values = exposures[..., ::stride, ::stride].double()
    dark, bright = values[:-1].flatten(1), values[1:].flatten(1)
    wanted = light.double().log().diff()[:, None].expand_as(dark)
    both = (dark > _LOWEST) & (bright < _HIGHEST)
    dark, bright, wanted = dark[both], bright[both], wanted[both]
    if len(dark) < 8 * TERMS:
        return Response()
    weights = (_hat(dark) * _hat(bright)).sqrt()
    equations = (_terms(bright) - _terms(dark)) * weights[:, None]
    missing = (wanted - decode(bright).log() + decode(dark).log()) * weights
    ridge = _RIDGE * len(dark) * torch.eye(TERMS, dtype=torch.float64)
    found = torch.linalg.solve(equations.mT @ equations + ridge, equations.mT @ missing)
    response = Response(found.float())
    rising = response(torch.linspace(0, 1, 256)).diff() > 0
    return response if bool(rising.all()) else Response()


def _terms(code: Tensor) -> Tensor:
    return torch.stack([(code - 1) * code**power for power in range(TERMS)], dim=-1)


def _hat(code: Tensor) -> Tensor:
    return torch.minimum(code, 1 - code)
