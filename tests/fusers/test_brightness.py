import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.fusers import BandNet
from hdr_lightning.fusers.brightness import BANDS


def opinionated(brightness: int) -> BandNet:
    """A network whose weights are far from equal."""
    torch.manual_seed(0)
    network = BandNet(brightness=brightness).eval()
    torch.nn.init.normal_(network.head[-1].weight)
    if network.brightness:
        torch.nn.init.normal_(network.brightness.head.weight)
    return network


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (40, 3000), (53, 71), (300, 500)])
def test_brightness_decides_on_the_coarsest_two_bands_alone(size: tuple[int, int]) -> None:
    images = torch.rand(1, 3, 3, *size, generator=torch.Generator().manual_seed(1))
    images *= torch.tensor([0.2, 0.5, 1]).view(1, 3, 1, 1, 1)
    plain, network = opinionated(brightness=0), opinionated(brightness=4)
    network.load_state_dict(plain.state_dict(), strict=False)
    torch.nn.init.zeros_(network.brightness.head.weight)  # untrained: every exposure alike
    for band, weights in enumerate(reversed(network(images))):
        if band < BANDS:
            assert_close(weights, torch.full_like(weights, 1 / 3))
    if min(size) < 4:
        return
    torch.nn.init.normal_(network.brightness.head.weight)
    assert (network(images)[-1] - 1 / 3).abs().max() > 0.001


def test_brightness_does_not_depend_on_the_size_of_the_photograph() -> None:
    generator = torch.Generator().manual_seed(3)
    coarse = torch.rand(1, 1, 3, 6, 8, generator=generator)[0]
    scene = torch.nn.functional.interpolate(coarse, (96, 128), mode="bicubic").clamp(0, 1)
    images = torch.stack([scene * gain for gain in (0.3, 0.9)], dim=1)
    large = torch.nn.functional.interpolate(images[0], (384, 512), mode="bilinear")[None]
    network = opinionated(brightness=4)
    assert_close(network(large)[-1], network(images)[-1], rtol=0, atol=0.05)
