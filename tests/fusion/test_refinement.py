import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand
from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Average, Variance
from hdr_lightning.fusers.base import Reach
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.refinement import Refined
from hdr_lightning.fusion.tiling import TILE
from hdr_lightning.levels import to_float
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.scenes.demo import bracket


def exposures(height: int = 96, width: int = 112) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    coarse = torch.rand(1, 3, 7, 7, generator=generator)
    scene = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0.02, 1)
    scene = scene * (0.6 + 0.4 * torch.rand(1, 3, height, width, generator=generator))
    return torch.stack([(scene * gain).clamp(0, 1) for gain in (0.4, 3.0)], dim=1)


@pytest.mark.parametrize("fuser", [Average, Variance])
def test_more_steps_score_higher(fuser: type) -> None:
    images = exposures()
    with torch.inference_mode():  # as hdr-fuse and evaluate call it
        scores = [
            mef_ssim(Fusion(start, MultiBand())(images).image, images).item()
            for start in (fuser(), Refined(fuser(), MultiBand(), 3), Refined(fuser(), MultiBand(), 12))
        ]
    assert scores[0] + 0.002 < scores[1] < scores[2]


def test_weights_are_of_every_band_and_only_the_coarsest_has_to_sum_to_one() -> None:
    images = exposures()
    weights = Refined(Variance(), MultiBand(), 2)(images)
    assert [band.shape for band in weights] == [x.shape for x in gaussian(images[:, :, :1], depth(images))]
    assert all(band.min() >= 0 and not band.requires_grad for band in weights)
    assert_close(weights[-1].sum(1), torch.ones_like(weights[-1][:, 0]))
    assert (weights[0].sum(1) - 1).abs().max() > 0.01


class Narrow(Average):
    """Has a limited view, and notes how wide the images are that it gets."""

    reach = Reach(grid=8, margin=8)

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append(images.shape[-1])
        return super().forward(images)


def test_fuser_with_a_limited_view_sees_large_images_in_tiles() -> None:
    images = exposures(48, TILE + 100)
    fuser = Narrow()
    refined = Refined(fuser, MultiBand(), 1)(images)
    assert len(fuser.seen) == 2 and max(fuser.seen) <= TILE + 8
    assert_close(refined, Refined(Average(), MultiBand(), 1)(images))


def test_large_images_are_refined_on_a_level_of_their_pyramid() -> None:
    images = exposures()
    seen = []
    refined = Refined(Variance(), MultiBand(), 2, pixels=50 * 60)
    refined.loss.register_forward_hook(lambda _, given, __: seen.append(given[0].shape))
    fine = refined(images)
    assert seen == [(1, 3, 48, 56)] * 2
    small = gaussian(images, 1)[1]
    start = gaussian(Variance()(images), depth(images))

    class FromAbove(torch.nn.Module):
        reach = None

        def forward(self, _: Tensor) -> list[Tensor]:
            return start[1:]

    for band, expected in zip(fine[1:], Refined(FromAbove(), MultiBand(), 2)(small), strict=True):
        assert_close(band, expected)
    assert mef_ssim(Fusion(refined, MultiBand())(images).image, images) > mef_ssim(
        Fusion(Variance(), MultiBand())(images).image, images
    )


@pytest.mark.parametrize(("height", "width", "pixels"), [(127, 150, 5000), (253, 260, 5000), (90, 900, 9000)])
def test_level_with_a_band_more_than_the_whole_has_and_one_too_small_to_judge_are_no_obstacle(
    height: int, width: int, pixels: int
) -> None:
    """Half of 127 pixels, 64, can be halved as often as 127; and a quarter of 90 is below 44."""
    images = exposures(height, width)
    refined = Refined(Variance(), MultiBand(colour="matched", in_range=True), 1, pixels)
    assert [band.shape for band in refined(images)] == [
        x.shape for x in gaussian(images[:, :, :1], depth(images))
    ]


def test_the_blending_that_will_be_used_is_optimised() -> None:
    photograph = skimage.data.astronaut()[::3, ::3]
    dark, _, bright = bracket(photograph, "window", np.random.default_rng(1))
    images = to_float(np.stack([dark, bright]))[None]
    with torch.inference_mode():
        scores = [
            mef_ssim(Fusion(Refined(Variance(), seen, 8), used)(images).image, images).item()
            for used in (MultiBand(in_range=True), MultiBand(colour="ycbcr"))
            for seen in (used, MultiBand())
        ]
    assert scores[0] > scores[1] + 0.0005 and scores[2] > scores[3] + 0.0005


def test_brightness_and_colour_stay_near_those_of_the_image_before() -> None:
    images = exposures()
    blending = MultiBand(colour="matched", in_range=True)
    before = Fusion(Variance(), blending)(images).image
    free, held = (
        Fusion(Refined(Variance(), blending, 12, anchor=anchor), blending)(images).image
        for anchor in (0.0, 4.0)
    )
    moved = [torch.nn.functional.avg_pool2d(image - before, 16).abs().mean() for image in (free, held)]
    assert moved[1] < 0.7 * moved[0] and moved[1] < 0.02
    assert mef_ssim(held, images) > mef_ssim(before, images) + 0.002


def test_progress_sees_the_steps() -> None:
    refined, seen = Refined(Variance(), MultiBand(), 3), []

    def progress(steps: range):
        for step in steps:
            seen.append((step, len(steps)))
            yield step

    refined.progress = progress
    refined(exposures(48, 50))
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_what_cannot_be_refined_is_told() -> None:
    with pytest.raises(InputError, match="at least 1 step"):
        Refined(Variance(), MultiBand(), 0)
    with pytest.raises(InputError, match="refine: Expected sides of at least 44 pixels"):
        Refined(Variance(), MultiBand(), 1)(exposures(40, 60))


def test_preview_is_refined_from_the_weights_of_the_whole_photograph() -> None:
    class Told(Variance):
        def reduced_from(self, pixels: int) -> Variance:
            return Variance(window=pixels)

    images, refined = exposures(), Refined(Told(), MultiBand(), 2)
    reduced, expected = refined.reduced_from(3), Refined(Variance(window=3), MultiBand(), 2)
    for one, other in zip(reduced(images), expected(images), strict=True):
        assert_close(one, other, rtol=0, atol=0)
    assert isinstance(refined.fuser, Told)
