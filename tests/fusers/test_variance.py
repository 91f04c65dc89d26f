"""The variance weights against a literal transcription of eq. 4's gamma with one box window."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Variance


def literal(exposures: np.ndarray, window: int, floor: float) -> np.ndarray:
    gray = np.tensordot([0.298936021293775, 0.587043074451121, 0.114020904255103], exposures, axes=(0, 1))
    radius = window // 2
    padded = np.pad(gray, ((0, 0), (radius, radius), (radius, radius)), mode="reflect")
    cue = np.empty_like(gray)
    for k, y, x in np.ndindex(gray.shape):
        cue[k, y, x] = max(padded[k, y : y + window, x : x + window].var(), floor)
    return cue / cue.sum(axis=0)


@pytest.mark.parametrize(("window", "size", "k"), [(11, (17, 20), 2), (5, (6, 9), 3), (1, (4, 4), 2)])
def test_weights_are_the_ratio_of_the_variances(window: int, size: tuple[int, int], k: int) -> None:
    exposures = torch.rand(1, k, 3, *size, dtype=torch.float64) * torch.linspace(0.01, 1, size[1])
    expected = torch.from_numpy(literal(exposures[0].numpy(), window, 1e-4))
    assert_close(Variance(window)(exposures)[0, :, 0], expected)


def test_small_images_get_the_largest_window_they_hold() -> None:
    exposures = torch.rand(1, 2, 3, 8, 12, dtype=torch.float64)
    assert_close(Variance(11)(exposures), Variance(7)(exposures))


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.3, 0.3), (1.0, 1.0)])
def test_flat_exposures_share_equally(values: tuple[float, float]) -> None:
    exposures = torch.tensor(values).view(1, 2, 1, 1, 1).expand(1, 2, 3, 20, 21)
    assert_close(Variance()(exposures), torch.full((1, 2, 1, 20, 21), 0.5))


@pytest.mark.parametrize("wrong", [{"window": 4}, {"window": -1}, {"floor": 0.0}])
def test_wrong_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="Expected"):
        Variance(**wrong)  # type: ignore[arg-type]
