"""The light of a scene from its exposures, beside the truth and OpenCV's merge."""

import cv2
import numpy as np
import pytest
import torch

from hdr_lightning.radiance.merging import merge
from hdr_lightning.radiance.response import Response, encode

FACTORS = torch.tensor([1.0, 8.0, 64.0])


@pytest.fixture(scope="module")
def light() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shade = torch.logspace(-4, 0, 160).expand(3, 60, 160)
    return shade * torch.empty(3, 60, 160).uniform_(0.5, 1, generator=generator)


def photographed(light: torch.Tensor, levels: int) -> torch.Tensor:
    exposed = torch.stack([encode((light * factor).clamp(0, 1)) for factor in FACTORS])
    return (exposed * levels).round() / levels


@pytest.mark.parametrize(("levels", "mean", "largest"), [(255, 0.015, 0.2), (65535, 1e-4, 1e-3)])
def test_the_scene_comes_back(light: torch.Tensor, levels: int, mean: float, largest: float) -> None:
    """Within rounding: a step of 8 bits in the deepest shadows of the brightest exposure is 0.2 stops."""
    apart = (merge(photographed(light, levels), FACTORS, Response()).log2() - light.log2()).abs()
    assert float(apart.mean()) < mean and float(apart.max()) < largest


def test_at_least_as_near_to_the_scene_as_opencv(light: torch.Tensor) -> None:
    exposures = photographed(light, 255)
    images = [(255 * image).round().byte().permute(1, 2, 0).numpy().copy() for image in exposures]
    times = FACTORS.numpy().astype(np.float32)
    curve = np.repeat(decoded(np.arange(256) / 255)[:, None, None], 3, axis=2).astype(np.float32)
    theirs = cv2.createMergeDebevec().process(images, times, curve.clip(1e-5))
    apart = np.log2(theirs.clip(1e-9)) - np.log2(light.permute(1, 2, 0).numpy())
    ours = merge(exposures, FACTORS, Response()).log2() - light.log2()
    assert float(ours.abs().mean()) < np.abs(apart - np.median(apart)).mean()


def test_noise_of_light_is_averaged_as_well_as_it_can_be() -> None:
    """With photons counted, the error is near that of all photons together: 1 / sqrt of their number."""
    generator = torch.Generator().manual_seed(1)
    light, full = torch.full((3, 100, 100), 0.01), 2000.0
    counted = torch.stack([torch.poisson(light * factor * full, generator=generator) for factor in FACTORS])
    exposures = encode((counted / full).clamp(0, 1))
    spread = float((merge(exposures, FACTORS, Response()) / light).std())
    assert spread < 1.1 / (0.01 * full * float(FACTORS.sum())) ** 0.5


def test_full_and_empty_everywhere() -> None:
    black, white = torch.zeros(3, 3, 4, 4), torch.ones(3, 3, 4, 4)
    assert merge(black, FACTORS, Response()).abs().max() == 0
    torch.testing.assert_close(merge(white, FACTORS, Response()), torch.ones(3, 4, 4))


def decoded(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
