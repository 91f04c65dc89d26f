"""What OpenCV computes has to be what torch computes where a gradient is asked for."""

import os

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.blending import pyramid
from hdr_lightning.cues import local_variance
from hdr_lightning.filters import Window
from hdr_lightning.planes import on_planes, plain

SIZES = [(16, 16), (17, 40), (63, 18), (101, 77)]


def images(height: int, width: int) -> Tensor:
    return torch.rand(2, 2, 3, height, width, generator=torch.Generator().manual_seed(0))


def followed(x: Tensor) -> Tensor:
    """The same numbers, with a gradient that torch has to follow."""
    return x.clone().requires_grad_()


@pytest.mark.parametrize("size", SIZES)
def test_both_ways_halve_alike(size: tuple[int, int]) -> None:
    x = images(*size)
    slow = pyramid.down(followed(x))
    assert slow.requires_grad
    assert_close(pyramid.down(x), slow.detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("double", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_both_ways_double_alike(size: tuple[int, int], double: tuple[int, int]) -> None:
    x, (height, width) = images(*size), (2 * s - odd for s, odd in zip(size, double, strict=True))
    slow = pyramid.up(followed(x), height, width).detach()
    assert_close(pyramid.up(x, height, width), slow, atol=1e-6, rtol=0)
    middle = height // 4 * 2
    parts = [pyramid.up(x, height, width, rows) for rows in (slice(0, middle), slice(middle, height))]
    assert_close(torch.cat(parts, dim=-2), slow, atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", SIZES)
def test_both_ways_measure_the_same_variance(size: tuple[int, int]) -> None:
    x, window = images(*size), Window(11, None, "reflect")
    slow = local_variance(followed(x), window).detach()
    assert_close(local_variance(x, window), slow, atol=1e-6, rtol=0)
    assert local_variance(torch.full((1, 1, 40, 40), 0.7), window).min() >= 0


def test_whatever_has_to_be_followed_is_left_to_torch() -> None:
    x = images(32, 32)
    assert plain(x)
    with torch.no_grad():
        assert plain(followed(x))
    assert not plain(followed(x))
    assert not plain(x.double())
    assert not plain(x[..., :15, :])
    assert not plain(x.to("meta"))


def test_several_threads_give_the_same_also_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    x = images(32, 32)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)

    def doubled() -> Tensor:
        return on_planes(lambda plane, result: np.multiply(plane, 2, out=result), x, 32, 32)

    assert_close(doubled(), 2 * x)
    child = os.fork()
    if child == 0:
        os._exit(0 if torch.equal(doubled(), 2 * x) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
