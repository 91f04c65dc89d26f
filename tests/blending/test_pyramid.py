"""The steps of the pyramid against OpenCV's, on sizes that are awkward to halve."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning import filters
from hdr_lightning.blending.pyramid import add_band, depth, down, gaussian, up, weigh

SIZES = [(3, 2), (3, 5), (4, 7), (16, 33), (101, 46)]


def images(height: int, width: int, k: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(height)
    return torch.rand(1, k, 3, height, width, dtype=torch.float64, generator=generator)


def by_opencv(stack: Tensor, step: object) -> Tensor:
    planes = [step(image.permute(1, 2, 0).numpy()) for image in stack[0]]  # type: ignore[operator]
    return torch.from_numpy(np.stack(planes)).permute(0, 3, 1, 2)[None]


@pytest.mark.parametrize("strip", [1, filters.STRIP])
@pytest.mark.parametrize("size", SIZES)
def test_down_is_opencvs_pyrdown(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], strip: int) -> None:
    monkeypatch.setattr(filters, "STRIP", strip)
    assert_close(down(images(*size)), by_opencv(images(*size), cv2.pyrDown), rtol=0, atol=1e-14)


@pytest.mark.parametrize("size", SIZES)
def test_up_is_opencvs_pyrup(size: tuple[int, int]) -> None:
    height, width = size
    small = images(-(-height // 2), -(-width // 2))
    expected = by_opencv(small, lambda image: cv2.pyrUp(image, dstsize=(width, height)))
    assert_close(up(small, height, width), expected, rtol=0, atol=1e-14)
    assert_close(up(small, height, width, slice(2, height)), expected[..., 2:, :], rtol=0, atol=1e-14)


@pytest.mark.parametrize(("size", "levels"), [((1, 9), 0), ((2, 2), 1), ((31, 33), 4), ((64, 100), 6)])
def test_depth_is_how_often_the_smaller_side_can_be_halved(size: tuple[int, int], levels: int) -> None:
    assert depth(torch.zeros(*size)) == levels == int(np.log2(min(size)))
    pyramid = gaussian(images(*size), levels)
    assert len(pyramid) == levels + 1
    assert min(pyramid[-1].shape[-2:]) <= 2


@pytest.mark.parametrize("amplified", [False, True])
def test_add_band_is_the_sum_of_the_band_and_the_expanded_image(amplified: bool) -> None:
    exposures, coarse_image = images(21, 34), images(11, 17, k=1)[:, 0]
    weights = torch.rand(1, 2, 1, 21, 34, dtype=torch.float64)
    if not amplified:
        weights = weights / weights.sum(1, keepdim=True)
    band = exposures - up(down(exposures), 21, 34)
    expected = weigh(band, weights) + up(coarse_image[:, None], 21, 34)[:, 0]
    assert_close(add_band(coarse_image, down(exposures), exposures, weights, amplified), expected)
