"""Mertens against OpenCV's MergeMertens on brackets made of scikit-image's photographs."""

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.blending import multiband
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Mertens

SCENES = {
    "astronaut": skimage.data.astronaut()[:301, :403],
    "cat": skimage.data.chelsea()[20:, 7:],
    "rocket": skimage.data.rocket()[::2, ::2],
}
BRACKETS = {2: (-2, 2), 3: (-3, 0, 3)}


def bracket(scene: str, k: int) -> list[np.ndarray]:
    """Exposures some stops apart of a photograph, clipped and rounded to 8 bits as a camera does."""
    light = (SCENES[scene] / 255) ** 2.2
    return [
        np.rint(np.clip(light * 2.0**stops, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
        for stops in BRACKETS[k]
    ]


def to_exposures(images: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float()[None] / 255


@pytest.mark.parametrize("exponents", [(1, 1, 0), (1, 1, 1), (0.5, 1, 0.3), (0, 1, 1), (1, 0, 0)])
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("k", BRACKETS)
def test_agrees_with_opencv(scene: str, k: int, exponents: tuple[float, float, float]) -> None:
    images = bracket(scene, k)
    expected = torch.from_numpy(cv2.createMergeMertens(*exponents).process(images)).permute(2, 0, 1)[None]
    exposures = to_exposures(images)
    fused = multiband(exposures, Mertens(*exponents)(exposures))
    # OpenCV rounds otherwise in the last columns of a row, and rounding decides where a photograph is flat.
    inside = (..., slice(8, -8), slice(8, -8))
    assert_close(fused[inside], expected[inside], rtol=0, atol=1e-4)
    assert (fused - expected).abs().mean() < 1e-5


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (0.4, 0.4), (0.0, 0.5, 1.0)])
def test_flat_exposures_give_sane_weights(values: tuple[float, ...]) -> None:
    k = len(values)
    exposures = torch.tensor(values).view(1, k, 1, 1, 1).expand(1, k, 3, 9, 6)
    assert_close(Mertens()(exposures), torch.full((1, k, 1, 9, 6), 1 / k))
    assert_close(Mertens(1, 1, 1)(exposures).sum(dim=1), torch.ones(1, 1, 9, 6))


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1)])
def test_single_row_or_column_is_weighed_too(size: tuple[int, int]) -> None:
    exposures = torch.rand(2, 3, 3, *size, generator=torch.Generator().manual_seed(0))
    weights = Mertens()(exposures)
    assert weights.min() >= 0
    assert_close(weights.sum(1), torch.ones(2, 1, *size))


def test_identical_exposures_share_equally() -> None:
    exposures = torch.rand(2, 1, 3, 13, 8).expand(-1, 3, -1, -1, -1)
    assert_close(Mertens(1, 1, 1)(exposures), torch.full((2, 3, 1, 13, 8), 1 / 3))


def test_contrast_saturation_and_exposedness_attract() -> None:
    torch.manual_seed(0)
    flat, gray = torch.full((3, 16, 16), 0.5), torch.rand(1, 16, 16).expand(3, -1, -1)
    colourful, dark = torch.rand(3, 16, 16), torch.rand(3, 16, 16) * 0.02
    for weaker, exponents in ((flat, (1, 0, 0)), (gray, (0, 1, 0)), (dark, (0, 0, 1))):
        weights = Mertens(*exponents)(torch.stack((weaker, colourful))[None])
        assert (weights[:, 1] > weights[:, 0]).float().mean() > 0.8


def test_negative_exponents_are_refused() -> None:
    with pytest.raises(InputError, match="Expected exponents"):
        Mertens(contrast=-1)
