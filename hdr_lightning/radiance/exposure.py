"""How much light the exposures of a bracket took, relative to each other, by their EXIF or their pixels."""

import warnings
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.radiance.response import decode

LIKELY = 1.5
"""Stops by which EXIF and pixels may disagree over two neighbours: cameras bend their curves a little."""
_DARKEST, _BRIGHTEST = 0.08, 0.92
_FEWEST = 64


def relative_exposures(recorded: Sequence[float | None], exposures: Tensor) -> Tensor:
    """The light that each exposure took, relative to the darkest.

    Args:
        recorded: What EXIF says of each, dark to bright, see `recorded.exposure_of`.
        exposures: (K, 3, H, W) in [0, 1], dark to bright.

    Returns:
        (K,), from 1 upwards: by EXIF where it tells of all and the pixels do not contradict, with a warning
        where they do; otherwise estimated from the pixels.
    """
    estimated = estimate(exposures)
    known = [light for light in recorded if light is not None]
    if len(known) < len(recorded):
        return estimated
    stops = torch.tensor(known).log2()
    apart = (stops.diff() - estimated.log2().diff()).abs()
    if bool((stops.diff() > 0).all()) and float(apart.max()) < LIKELY:
        return (stops - stops[0]).exp2()
    if float(stops.diff().abs().max()) > 0:  # equal exposures are copies that lost their own EXIF
        warnings.warn(
            "Expected exposures as their EXIF tells. Got "
            f"{_listed(stops - stops[0])} stops by EXIF and {_listed(estimated.log2())} by the pixels, "
            "which are used",
            stacklevel=2,
        )
    return estimated


def estimate(exposures: Tensor) -> Tensor:
    """Relative exposures from the pixels alone, if they are coded by the curve of sRGB.

    Neighbours are compared where both are well exposed: the median of the ratios of their light.

    Args:
        exposures: (K, 3, H, W) in [0, 1], dark to bright.

    Returns:
        (K,), 1 for the darkest, never falling. Neighbours without a common well-exposed place count as 4
        times as bright, with a warning.
    """
    stride = max(1, int((exposures.shape[-1] * exposures.shape[-2] / 2**18) ** 0.5))
    gray = to_gray(exposures[..., ::stride, ::stride])
    ratios = [1.0]
    for dark, bright in pairwise(gray):
        both = (dark > _DARKEST) & (bright < _BRIGHTEST) & (bright >= dark)
        if int(both.sum()) < _FEWEST:
            warnings.warn(
                "Expected exposures that share tones. Got two without: taken as 2 stops", stacklevel=2
            )
            ratios.append(4.0)
            continue
        ratios.append(max(1.0, float((decode(bright[both]) / decode(dark[both])).median())))
    return torch.tensor(ratios).cumprod(0)


def _listed(stops: Tensor) -> str:
    return ", ".join(f"{stop:+.1f}" for stop in stops.tolist())
