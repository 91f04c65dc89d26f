import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate
from torch.testing import assert_close

from hdr_lightning import filters
from hdr_lightning.blending import MultiBand
from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import BandNet, Variance
from hdr_lightning.fusion import Fusion
from hdr_lightning.losses import MEFSSIMLoss
from hdr_lightning.networks.method import Method


def exposures(k: int = 2, h: int = 53, w: int = 71, batch: int = 1) -> Tensor:
    return torch.rand(batch, k, 3, h, w, generator=torch.Generator().manual_seed(1))


def opinionated(**options: int) -> BandNet:
    """A network whose gains are far from 1."""
    torch.manual_seed(0)
    network = BandNet(**options).eval()
    torch.nn.init.normal_(network.head[-1].weight)
    if network.brightness:
        torch.nn.init.normal_(network.brightness.head.weight)
    return network


def test_untrained_is_the_variance_ratio() -> None:
    images = exposures(3)
    assert_close(
        Fusion(BandNet(), MultiBand())(images).image,
        Fusion(Variance(), MultiBand())(images).image,
        rtol=0,
        atol=1e-3,
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layers": 2, "brightness": 3},
        {"coarseness": 2, "pixels": 2048, "brightness": 3},
        {"coarseness": 5, "bands": 1},
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (21, 34), (3, 40), (1, 3000)])
def test_weights_of_every_band_sum_to_its_boost(options: dict[str, int], size: tuple[int, int]) -> None:
    images = exposures(3, *size, batch=2)
    weights = opinionated(**options)(images)
    levels = gaussian(images[:, :, :1], depth(images))
    assert [band.shape for band in weights] == [level.shape for level in levels]
    for band in weights:
        assert band.min() >= 0
        assert band.sum(1).min() > 0.49 and band.sum(1).max() < 2.02
    assert_close(weights[-1].sum(1), torch.ones_like(weights[-1][:, 0]))
    assert min(size) < 21 or (weights[0].sum(1) - 1).abs().max() > 0.01
    assert min(size) < 21 or max(band.std() for band in weights) > 0.01


@pytest.mark.parametrize("k", [2, 3, 5])
def test_order_of_the_exposures_does_not_matter(k: int) -> None:
    network, images = opinionated(brightness=4), exposures(k)
    order = torch.randperm(k, generator=torch.Generator().manual_seed(k))
    for turned, straight in zip(network(images[:, order]), network(images), strict=True):
        assert_close(turned, straight[:, order])


def test_mixed_precision_keeps_whole_weights() -> None:
    network, images = opinionated(), exposures()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = network(images)
    for band, expected in zip(mixed, network(images), strict=True):
        assert band.dtype == torch.float32
        assert_close(band, expected, rtol=0, atol=0.01)


def test_scenes_of_a_batch_do_not_touch() -> None:
    network, images = opinionated(brightness=4), exposures(batch=2)
    for both, alone in zip(network(images), network(images[1:]), strict=True):
        assert_close(both[1:], alone)


def test_large_images_in_strips_equal_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    network, images = opinionated(), exposures(3, 90, 41)
    whole = network(images)
    monkeypatch.setattr(filters, "STRIP", 1)
    for band, expected in zip(network(images), whole, strict=True):
        assert_close(band, expected)


@pytest.mark.slow
def test_thirty_steps_fit_a_scene() -> None:
    coarse = torch.rand(1, 1, 3, 6, 6, generator=torch.Generator().manual_seed(2))
    scene = torch.nn.functional.interpolate(coarse[0], (64, 64), mode="bicubic").clamp(0.02, 1)
    scene = scene * (0.7 + 0.3 * exposures(1, 64, 64)[:, 0])
    images = torch.stack([(scene * gain).clamp(0, 1) for gain in (0.4, 3.0)], dim=1)
    torch.manual_seed(0)
    fusion, loss = Fusion(BandNet(), MultiBand(in_range=True)), MEFSSIMLoss(overshoot=1.0)
    optimizer, losses = torch.optim.Adam(fusion.parameters(), lr=1e-3), []  # of experiment=bandnet
    for _ in range(30):
        optimizer.zero_grad()
        term = loss(fusion.blend(images)[0], images)["loss"]
        term.backward()
        optimizer.step()
        losses.append(term.item())
    assert losses[-1] < 0.3 * losses[0]


def test_finest_bands_of_a_large_image_share_their_gains() -> None:
    images = exposures(2, 64, 64)
    limited = opinionated(pixels=8 * 8)(images)
    # Level 3 has 8 x 8 pixels: the network works on it for band 1, and band 0 takes the same gains.
    shares = gaussian(Variance()(images), 6)
    gain = [
        torch.log((band / (share + 1e-4))[:, 0] / (band / (share + 1e-4))[:, 1])
        for band, share in zip(limited, shares, strict=True)
    ]
    assert_close(torch.nn.functional.avg_pool2d(gain[0], 2), gain[1], rtol=0, atol=0.1)
    images[..., :32] *= 0.2
    whole, limited = opinionated()(images), opinionated(pixels=8 * 8)(images)
    assert (whole[0] - limited[0]).abs().max() > 0.05
    assert_close(opinionated(pixels=32 * 32)(images), whole)
    # Level 2 has 16 x 16 pixels, two levels above band 0, which keeps gains of its own.
    far = {"coarseness": 2}
    assert_close(opinionated(pixels=16 * 16, **far)(images), opinionated(**far)(images))
    # Level 4 has 4 x 4 pixels: bands 0 and 1 are out of reach, so all others are seen from two levels above.
    assert_close(opinionated(pixels=4 * 4)(images), opinionated(pixels=4 * 4, **far)(images))


@pytest.mark.parametrize(
    "name", ["features", "codes", "coarseness", "layers", "bands", "pixels", "brightness"]
)
def test_impossible_options_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"model: .*{name}"):
        BandNet(**{name: -1})


def test_preview_is_like_the_large_image() -> None:
    fusion = Method.parse("bandnet").build()
    fusion.fuser.pixels = 2**9  # so that an image of 0.4 megapixels is a large one
    full = _windows(512, 768)
    small = avg_pool2d(full[0], 4)[None]
    with torch.inference_mode():
        expected, before = avg_pool2d(fusion(full).image, 4), fusion(small).image
        reduced = Fusion(fusion.fuser.reduced_from(512 * 768), fusion.blending).eval()(small).image
    assert (reduced - expected).abs().mean() < 0.4 * (before - expected).abs().mean()
    assert fusion.fuser.coarseness == 1


def test_image_that_the_network_sees_whole_is_its_own_preview() -> None:
    network, images = opinionated(pixels=2**9), exposures(2, 40, 48)
    assert_close(network.reduced_from(40 * 48)(images), network(images), rtol=0, atol=0)


def _windows(height: int, width: int) -> Tensor:
    """Three exposures (1, 3, 3, H, W), two stops apart, of a room with bright and dark places."""
    random = torch.Generator().manual_seed(1)
    size = (height, width)
    coarse = interpolate(torch.rand(1, 3, 8, 12, generator=random), size=size, mode="bicubic").clamp(0)
    light = interpolate(4 * torch.rand(1, 1, 3, 4, generator=random), size=size, mode="bilinear")
    fine = interpolate(torch.rand(1, 3, 128, 192, generator=random), size=size, mode="bilinear")
    scene = (coarse + fine) * 4**light / 16
    return torch.stack([(gain * scene).clamp(0, 1).pow(1 / 2.2) for gain in (0.2, 1, 5)], dim=1)
