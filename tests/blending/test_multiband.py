"""Blending against OpenCV's pyramids, on sizes that are awkward to halve."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning import filters
from hdr_lightning.blending import MultiBand, multiband, pyramid, weighted_sum
from hdr_lightning.errors import InputError


def random_pair(
    height: int, width: int, k: int = 2, batch: int = 1, dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Tensor]:
    torch.manual_seed(height * 1000 + width)
    exposures = torch.rand(batch, k, 3, height, width, dtype=dtype)
    return exposures, torch.randn(batch, k, 1, height, width, dtype=dtype).softmax(dim=1)


def burt_adelson(exposures: Tensor, weights: Tensor, levels: int) -> Tensor:
    """Mertens 2007, 3.2, with OpenCV's pyrDown of the weights, for a batch of one."""
    masks = [weights[0, :, 0].permute(1, 2, 0).numpy()]
    for _ in range(levels):
        masks.append(cv2.pyrDown(masks[-1]))
    return blend_bands(exposures, [torch.from_numpy(mask).permute(2, 0, 1)[None, :, None] for mask in masks])


def blend_bands(exposures: Tensor, weights: list[Tensor]) -> Tensor:
    """Every band weighed on its own, with OpenCV's pyrDown and pyrUp, for a batch of one."""
    total: list[np.ndarray] = []
    for k, image in enumerate(exposures[0].permute(0, 2, 3, 1).numpy()):
        gaussian = [image]
        for _ in weights[1:]:
            gaussian.append(cv2.pyrDown(gaussian[-1]))
        laplacian = [a - cv2.pyrUp(b, dstsize=a.shape[1::-1]) for a, b in pairwise(gaussian)]
        masks = [mask[0, k, 0].numpy() for mask in weights]
        bands = [a * b[..., None] for a, b in zip([*laplacian, gaussian[-1]], masks, strict=True)]
        total = [a + b for a, b in zip(total, bands, strict=True)] if total else bands
    fused = total.pop()
    while total:
        band = total.pop()
        fused = band + cv2.pyrUp(fused, dstsize=band.shape[1::-1])
    return torch.from_numpy(fused).permute(2, 0, 1)[None]


@pytest.mark.parametrize("strip", [1, filters.STRIP])
@pytest.mark.parametrize(
    "size", [(2, 2), (2, 3), (3, 9), (4, 7), (8, 5), (31, 33), (64, 64), (101, 46), (50, 127)]
)
@pytest.mark.parametrize("k", [2, 3])
def test_multiband_is_the_band_by_band_sum(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], k: int, strip: int
) -> None:
    monkeypatch.setattr(filters, "STRIP", strip)
    exposures, weights = random_pair(*size, k=k)
    expected = burt_adelson(exposures, weights, int(np.log2(min(size))))
    assert_close(multiband(exposures, weights), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("amplified", [False, True])
@pytest.mark.parametrize("strip", [1, filters.STRIP])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (31, 33), (50, 127)])
def test_multiband_with_weights_of_every_band(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], strip: int, amplified: bool
) -> None:
    monkeypatch.setattr(filters, "STRIP", strip)
    exposures, _ = random_pair(*size)
    shapes = [level.shape for level in pyramid.gaussian(exposures[:, :, :1], int(np.log2(min(size))))]
    weights = [torch.randn(shape, dtype=torch.float64).softmax(dim=1) for shape in shapes]
    if amplified:
        weights = [band * torch.rand(band[:, :1].shape, dtype=torch.float64).add(0.5) for band in weights]
    assert_close(multiband(exposures, weights), blend_bands(exposures, weights), rtol=0, atol=1e-13)


def test_weights_of_bands_need_the_full_pyramid() -> None:
    exposures, weights = random_pair(16, 16)
    bands = pyramid.gaussian(weights, 4)
    assert_close(multiband(exposures, bands), multiband(exposures, weights))
    with pytest.raises(InputError, match="the 5 bands"):
        multiband(exposures, bands[:3])
    with pytest.raises(InputError, match="levels=2"):
        multiband(exposures, bands, levels=2)


@pytest.mark.parametrize("levels", [0, 1, 3])
def test_multiband_of_fewer_levels(levels: int) -> None:
    exposures, weights = random_pair(37, 50)
    assert_close(MultiBand(levels)(exposures, weights), burt_adelson(exposures, weights, levels))


def test_no_levels_are_the_weighted_sum_and_too_many_are_full_depth() -> None:
    exposures, weights = random_pair(40, 37)
    assert_close(multiband(exposures, weights, 0), weighted_sum(exposures, weights))
    assert_close(multiband(exposures, weights, 99), multiband(exposures, weights, 5), rtol=0, atol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (7, 2), (45, 83), (128, 96)])
def test_equal_weights_everywhere_reconstruct_the_mean(size: tuple[int, int]) -> None:
    exposures, _ = random_pair(*size, k=3, batch=2)
    shares = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)[:, None, None, None]
    fused = multiband(exposures, shares.expand(2, 3, 1, *size))
    assert_close(fused, (exposures * shares).sum(dim=1), rtol=0, atol=1e-14)


def test_a_weight_of_one_reconstructs_that_exposure() -> None:
    exposures, _ = random_pair(61, 40, dtype=torch.float32)
    weights = torch.zeros(1, 2, 1, 61, 40)
    weights[:, 1] = 1
    assert_close(multiband(exposures, weights), exposures[:, 1], rtol=0, atol=1e-6)


def test_equal_exposures_are_reconstructed_whatever_the_weights() -> None:
    exposures, weights = random_pair(61, 40)
    exposures = exposures[:, :1].expand(-1, 2, -1, -1, -1)
    assert_close(multiband(exposures, weights), exposures[:, 0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("blend", [weighted_sum, multiband])
@pytest.mark.parametrize("strip", [1, filters.STRIP])
def test_gradients(monkeypatch: pytest.MonkeyPatch, blend: object, strip: int) -> None:
    monkeypatch.setattr(filters, "STRIP", strip)
    exposures, _ = random_pair(19, 6)
    exposures = exposures[:, :, :1].requires_grad_()
    logits = torch.randn(1, 2, 1, 19, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, y: blend(x, y.softmax(dim=1)), (exposures, logits))  # type: ignore[operator]


def test_batches_do_not_mix() -> None:
    exposures, weights = random_pair(30, 41, batch=3)
    one_by_one = [multiband(x[None], w[None]) for x, w in zip(exposures, weights, strict=True)]
    assert_close(multiband(exposures, weights), torch.cat(one_by_one))


def test_inputs_stay_as_they_are() -> None:
    exposures, weights = random_pair(16, 16)
    before = exposures.clone(), weights.clone()
    multiband(exposures, weights)
    weighted_sum(exposures, weights)
    assert_close((exposures, weights), before, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("exposures", "weights"),
    [((1, 2, 3, 8, 8), (1, 2, 3, 8, 8)), ((1, 2, 3, 8, 8), (1, 3, 1, 8, 8)), ((2, 3, 8, 8), (2, 1, 8, 8))],
)
def test_shapes_that_do_not_fit_are_refused(exposures: tuple[int, ...], weights: tuple[int, ...]) -> None:
    for blend in (weighted_sum, multiband):
        with pytest.raises(InputError, match="Expected exposures"):
            blend(torch.zeros(exposures), torch.zeros(weights))


def test_negative_levels_are_refused() -> None:
    with pytest.raises(InputError, match=r"levels.*Got -1"):
        multiband(*random_pair(8, 8), levels=-1)
