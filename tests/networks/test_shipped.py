"""The trained network of the package on what people will give it."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import skimage.data
import torch
from kornia.color import rgb_to_lab
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning import fuse
from hdr_lightning.cues import to_gray, well_exposedness
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.metrics.colourfulness import chroma_kept
from hdr_lightning.metrics.statistics import clipped
from hdr_lightning.networks.checkpoints import SCORE, SHIPPED
from hdr_lightning.networks.method import DEFAULT, resolve

LIGHT = (torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1) / 255) ** 2.2 + 1e-4
GRADIENT = torch.logspace(-1, 1, LIGHT.shape[-1])


@pytest.fixture(autouse=True)
def no_gradient() -> Iterator[None]:
    with torch.inference_mode():
        yield


def exposed(*stops: float, light: Tensor = LIGHT * GRADIENT) -> Tensor:
    """(1, K, 3, H, W): a scene of high contrast as a camera with 8 bits sees it."""
    images = torch.stack([(light * 2.0**stop).clamp(0, 1) ** (1 / 2.2) for stop in stops])
    return (images * 255).round().div(255)[None]


def test_it_is_small_and_the_default() -> None:
    assert max(SHIPPED.stat().st_size, SCORE.stat().st_size) < 2_000_000
    assert DEFAULT == "bandnet"


@pytest.mark.parametrize("stops", [(-2, 2), (-3, 0, 3), (-4, -1, 1, 3)])
def test_it_scores_higher_than_the_classics_on_unseen_photographs(stops: tuple[float, ...]) -> None:
    exposures = exposed(*stops)
    scores = {
        name: mef_ssim(resolve(name)(exposures).image, exposures).item()
        for name in ("bandnet", "mertens", "variance", "adaptive")
    }
    assert max(scores, key=scores.get) == "bandnet", scores
    assert scores["bandnet"] > 0.97


@pytest.mark.parametrize("stops", [(-2, 2), (-4, -1, 1, 3)])
def test_order_of_the_exposures_does_not_matter(stops: tuple[float, ...]) -> None:
    fusion, exposures = resolve("bandnet"), exposed(*stops)
    expected = fusion(exposures).image
    for order in list(itertools.permutations(range(len(stops))))[1:4]:
        assert_close(fusion(exposures[:, list(order)]).image, expected, rtol=0, atol=1e-4)


def test_identical_exposures_give_the_exposure() -> None:
    exposures = exposed(0, 0)
    assert_close(resolve("bandnet")(exposures).image, exposures[:, 0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_an_exposure_that_is_black_or_white_adds_nothing(level: float) -> None:
    good = exposed(0, light=LIGHT)
    exposures = torch.cat([good, torch.full_like(good, level)], dim=1)
    image = resolve("bandnet")(exposures).image
    assert mef_ssim(image, exposures).item() > 0.97
    assert abs(image.mean() - good.mean()) < 0.3
    assert clipped(image).item() < 0.02


def test_noise_is_not_amplified() -> None:
    torch.manual_seed(0)
    flat = torch.full((1, 3, 200, 260), 0.3)
    noisy = [(flat * gain + 0.01 * torch.randn(flat.shape)).clamp(0, 1) for gain in (0.5, 2.0)]
    image = resolve("bandnet")(torch.stack(noisy, dim=1)).image
    # Local contrast alone, away from the slow change of brightness that a network may choose.
    residue = image - torch.nn.functional.avg_pool2d(image, 15, 1, 7, count_include_pad=False)
    assert residue.std() < 0.0125


def test_a_gray_card_stays_gray() -> None:
    card = exposed(-2, 0, 2, light=LIGHT.mean(0, keepdim=True).expand(3, -1, -1) * GRADIENT)
    fused = resolve("bandnet")(card).image
    assert (fused.amax(1) - fused.amin(1)).max() < 1e-5


@pytest.mark.parametrize("k", [2, 3, 5, 9, 12])
def test_brackets_of_any_length_keep_contrast_and_colour(k: int) -> None:
    exposures = exposed(*np.linspace(-4, 3, k))
    fused, mertens = (resolve(name)(exposures).image for name in ("bandnet", "mertens"))
    assert mef_ssim(fused, exposures).item() > mef_ssim(mertens, exposures).item()
    assert 0.85 < chroma_kept(fused, exposures).item() < 1.3
    assert clipped(fused).item() < 0.02


def test_no_hue_is_turned() -> None:
    exposures = exposed(-4, -2, 0, 2)
    fused = rgb_to_lab(resolve("bandnet")(exposures).image)[:, 1:]
    shown = rgb_to_lab(exposures[0])[None, :, 1:]
    trust = well_exposedness(to_gray(exposures))
    wanted = (trust * shown).sum(1) / trust.sum(1)
    coloured = wanted.norm(dim=1) > 10
    alike = torch.cosine_similarity(fused, wanted, dim=1)[coloured]
    assert coloured.float().mean() > 0.3
    assert alike.mean() > 0.985 and (alike > 0.9).float().mean() > 0.98


@pytest.mark.parametrize("k", [3, 4, 5])
def test_noisy_exposures_add_little_noise(k: int) -> None:
    torch.manual_seed(k)
    still = exposed(*np.linspace(-4, 3, k))
    noisy = (still + 3.5 / 255 * torch.randn(still.shape)).clamp(0, 1)
    noisy = (noisy * 255).round().div(255)
    ours, mertens = (
        (fusion(noisy).image - fusion(still).image).std() for fusion in map(resolve, ("bandnet", "mertens"))
    )
    assert ours < 0.8 * mertens
    assert ours * 255 < 5


def test_the_former_network_is_kept_for_its_score() -> None:
    fusion = resolve("bandnet:score")
    assert fusion.blending.colour == "rgb" and fusion.fuser.brightness is None
    exposures = exposed(-2, 2)
    assert mef_ssim(fusion(exposures).image, exposures).item() > 0.99


@pytest.mark.parametrize("kind", ["black", "white", "gray", "noise"])
def test_images_without_structure_stay_finite(kind: str) -> None:
    torch.manual_seed(0)
    level = {"black": 0.0, "white": 1.0, "gray": 0.5}.get(kind)
    images = torch.rand(1, 2, 3, 61, 90) if level is None else torch.full((1, 2, 3, 61, 90), level)
    fused = resolve("bandnet")(images).image
    assert fused.isfinite().all()
    if level is not None:
        assert_close(fused, images[:, 0])


def test_sixteen_bits_show_what_eight_bits_show() -> None:
    eight = [(image.permute(1, 2, 0) * 255).round().byte().numpy() for image in exposed(-2, 2)[0]]
    deep = [image.astype(np.uint16) * 257 for image in eight]
    fused = fuse(deep)
    assert fused.dtype == np.uint16
    assert abs(fused / 257 - fuse(eight).astype(float)).max() <= 1


@pytest.mark.parametrize("megapixels", [1, pytest.param(24, marks=pytest.mark.slow)])
def test_large_images_look_like_small_ones(megapixels: int) -> None:
    small = exposed(-2, 2)
    height, width = (round(side * (megapixels * 1e6 / LIGHT[0].numel()) ** 0.5) for side in LIGHT.shape[1:])
    large = torch.nn.functional.interpolate(small[0], (height, width), mode="bilinear")[None]
    image = resolve("bandnet")(large).image
    shrunk = torch.nn.functional.interpolate(image, LIGHT.shape[1:], mode="area")
    difference = (shrunk - resolve("bandnet")(small).image).abs()
    assert difference.mean() < 0.08
    assert difference.max() < 0.5
    assert clipped(shrunk).item() < 0.02
