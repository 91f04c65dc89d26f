"""Tiles: the same weights as without them, from no more of the image than the network sees."""

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand
from hdr_lightning.fusers import VGG, Fuser, Reach, Variance
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.tiling import fuse_in_tiles, weigh_in_tiles


def network(**options: object) -> VGG:
    """A small network whose weights vary as much as a trained one's."""
    torch.manual_seed(0)
    built = VGG(width=0.05, **options)  # type: ignore[arg-type]
    for layer in built.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    built(torch.rand(1, 2, 3, 64, 64))  # the statistics of a batch become the network's
    nn.init.normal_(built.head.weight, std=2)
    return built.eval()


def exposures(height: int, width: int) -> Tensor:
    torch.manual_seed(1)
    return torch.rand(1, 2, 3, height, width)


@pytest.mark.parametrize("upsampling", ["bilinear", "nearest"])
@pytest.mark.parametrize("poolings", range(5))
def test_reach_is_as_far_as_gradients_come(poolings: int, upsampling: str) -> None:
    fuser = network(poolings=poolings, upsampling=upsampling).double()
    grid, margin = fuser.reach
    assert grid == 2**poolings
    first = margin + grid
    side = 2 * first + grid
    x = torch.rand(1, 2, 3, side, side, dtype=torch.double, requires_grad=True)
    fuser(x)[0, 0, 0, first : first + grid, first : first + grid].sum().backward()
    assert x.grad is not None
    seen = x.grad.abs().sum(dim=(0, 1, 2)).nonzero()
    before, behind = first - int(seen.min()), int(seen.max()) - (first + grid - 1)
    assert margin - grid < max(before, behind) <= margin


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"skips": False},
        {"upsampling": "nearest"},
        {"inputs": "stacked"},
        {"poolings": 1},
        {"poolings": 4},
    ],
    ids=str,
)
@torch.inference_mode()
def test_tiled_weights_equal_the_untiled(options: dict[str, object]) -> None:
    fuser, images = network(**options), exposures(301, 275)
    whole = fuser(images)
    assert whole.std() > 0.01
    assert_close(weigh_in_tiles(fuser, images, tile=100), whole, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_smaller_margin_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    fuser, images = network(), exposures(301, 275)
    monkeypatch.setattr(VGG, "reach", Reach(8, 16))
    assert (weigh_in_tiles(fuser, images, tile=100) - fuser(images)).abs().max() > 1e-3


@torch.inference_mode()
def test_tiled_image_equals_the_untiled() -> None:
    fusion, images = Fusion(network(), MultiBand()), exposures(200, 333)
    tiled, whole = fuse_in_tiles(fusion, images, tile=128), fusion(images)
    for part, expected in zip(tiled, whole, strict=True):
        assert_close(part, expected, atol=1e-4, rtol=0)


def test_what_measures_the_whole_image_sees_it() -> None:
    sizes = []

    class Global(Fuser):
        def forward(self, images: Tensor) -> Tensor:
            sizes.append(images.shape[-2:])
            weights: Tensor = Variance()(images)
            return weights

    images = exposures(120, 90)
    assert_close(weigh_in_tiles(Global(), images, tile=32), Variance()(images))
    assert sizes == [(120, 90)]
