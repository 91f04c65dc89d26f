"""The adaptive weights against a literal transcription of section 2.4 for exposures in order."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Adaptive


def bracket(k: int, height: int = 40, width: int = 53) -> Tensor:
    torch.manual_seed(k)
    scene = torch.nn.functional.interpolate(
        torch.rand(1, 3, 6, 8, dtype=torch.float64), size=(height, width), mode="bicubic"
    ).clamp(0, 1)
    gains = torch.linspace(0.3, 2.5, k, dtype=torch.float64).view(1, k, 1, 1, 1)
    return ((scene[:, None] * gains).clamp(0, 1) * 255).round() / 255


def literal(exposures: Tensor, weight: str, a: float = 0.75) -> np.ndarray:
    red, green, blue = exposures[0].numpy().swapaxes(0, 1)
    luma = 0.298936021293775 * red + 0.587043074451121 * green + 0.114020904255103 * blue
    mean, last = [y.mean() for y in luma], len(luma) - 1
    weights = []
    for n, y in enumerate(luma):
        if n == 0:
            s = 2 * a * (mean[1] - mean[0])
        elif n == last:
            s = 2 * a * (mean[last] - mean[last - 1])
        else:
            s = a * (mean[n + 1] - mean[n - 1])
        first = np.exp(-((y - (1 - mean[n])) ** 2) / (2 * s**2))
        bins = np.rint(y * 255).astype(int)
        second = 1 / (np.histogram(bins, np.arange(257))[0] / bins.size)[bins]
        weights.append((first, second))
    w1 = np.stack([w for w, _ in weights])
    w2 = np.stack([w for _, w in weights])
    w2 /= w2.sum(axis=0)
    product = {"first": w1, "second": w2, "both": w1 * w2}[weight]
    smooth = np.stack([gaussian_filter(w, 5, mode="mirror", radius=15) for w in product])
    return smooth / smooth.sum(axis=0)


@pytest.mark.parametrize("weight", ["first", "second", "both"])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_weights_are_those_of_the_paper(weight: Any, k: int) -> None:
    exposures = bracket(k)
    expected = torch.from_numpy(literal(exposures, weight))
    assert_close(Adaptive(weight)(exposures)[0, :, 0], expected, rtol=0, atol=1e-9)


def test_the_order_of_the_exposures_does_not_matter() -> None:
    exposures = bracket(4)
    order = [2, 0, 3, 1]
    assert_close(Adaptive()(exposures[:, order]), Adaptive()(exposures)[:, order])


def test_scenes_of_a_batch_do_not_mix() -> None:
    dark, bright = bracket(3), bracket(3).flip(1).sqrt()
    both = Adaptive()(torch.cat([dark, bright]))
    assert_close(both, torch.cat([Adaptive()(dark), Adaptive()(bright)]))


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (0.4, 0.4), (0.0, 0.5, 1.0)])
def test_flat_exposures_give_sane_weights(values: tuple[float, ...]) -> None:
    k = len(values)
    exposures = torch.tensor(values).view(1, k, 1, 1, 1).expand(1, k, 3, 9, 6)
    for weight in ("first", "second", "both"):
        weights = Adaptive(weight)(exposures)  # type: ignore[arg-type]
        assert_close(weights.sum(dim=1), torch.ones(1, 1, 9, 6))
        if len(set(values)) == 1:
            assert_close(weights, torch.full_like(weights, 1 / k))


@pytest.mark.parametrize("wrong", [{"weight": "third"}, {"a": 0.0}, {"sigma": -1.0}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Expected"):
        Adaptive(**wrong)
