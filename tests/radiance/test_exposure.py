"""How much light exposures took, by EXIF and by pixels."""

import warnings

import pytest
import torch

from hdr_lightning.radiance.exposure import estimate, relative_exposures
from hdr_lightning.radiance.response import encode

LIGHT = torch.logspace(-3.5, 0, 400).expand(3, 40, 400)


def bracket(*factors: float) -> torch.Tensor:
    exposed = torch.stack([encode((LIGHT * factor).clamp(0, 1)) for factor in factors])
    return (exposed * 255).round() / 255


def test_pixels_tell_the_ratios() -> None:
    torch.testing.assert_close(estimate(bracket(1, 3, 24)), torch.tensor([1.0, 3.0, 24.0]), rtol=0.02, atol=0)


def test_exif_counts_and_pixels_where_it_is_missing() -> None:
    exposures = bracket(1, 4, 16)
    assert relative_exposures([0.01, 0.041, 0.16], exposures).tolist() == pytest.approx([1, 4.1, 16])
    for told in ([0.01, None, 0.16], [None] * 3, [0.5] * 3):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = relative_exposures(told, exposures)
        assert found.tolist() == pytest.approx([1, 4, 16], rel=0.02)


@pytest.mark.parametrize("told", [[0.16, 0.04, 0.01], [0.01, 0.04, 2.0]])
def test_exif_that_pixels_contradict(told: list[float]) -> None:
    with pytest.warns(UserWarning, match=r"by EXIF and \+0\.0, \+2\.0, \+4\.0 by the pixels"):
        found = relative_exposures(told, bracket(1, 4, 16))
    assert found.tolist() == pytest.approx([1, 4, 16], rel=0.02)


def test_no_common_tone() -> None:
    dark, bright = torch.full((3, 8, 8), 0.001), torch.full((3, 8, 8), 1.0)
    with pytest.warns(UserWarning, match="taken as 2 stops"):
        assert estimate(torch.stack([dark, bright])).tolist() == [1, 4]
