"""Every public score and loss refuses what would give a number that only looks right."""

from collections.abc import Callable
from contextlib import suppress

import pytest
import torch
from torch import Tensor, nn

from hdr_lightning.errors import InputError
from hdr_lightning.gammas import CueGamma
from hdr_lightning.losses import MEFSSIMLoss, WeightedSSIMLoss, weighted_ssim_loss
from hdr_lightning.metrics.mef_ssim import mef_ssim_scales
from hdr_lightning.metrics.mef_ssim_d import mef_ssim_d
from hdr_lightning.metrics.registry import METRICS, SceneScore

Score = Callable[[Tensor, Tensor], object]
LOSSES: dict[str, nn.Module] = {
    "WeightedSSIMLoss": WeightedSSIMLoss(CueGamma()),
    "MEFSSIMLoss": MEFSSIMLoss(luminance=0.1),
}


def other_of(name: str, exposures: Tensor) -> Tensor:
    """What a metric compares with: the exposures, or the last of them as a reference."""
    info = METRICS.get(name.removeprefix("SceneScore "))
    return exposures[:, -1] if info and info.against == "reference" else exposures


SCORES: dict[str, Score] = {
    **{name: info.function for name, info in METRICS.items()},
    **{f"SceneScore {name}": SceneScore(name).update for name in METRICS},
    "mef_ssim_scales": mef_ssim_scales,
    "mef_ssim_d": mef_ssim_d,
    "weighted_ssim_loss": lambda fused, exposures: weighted_ssim_loss(fused, exposures, CueGamma()),
    **LOSSES,
}
ALONE = ("entropy", "spatial_frequency", "dynamic_range", "clipped", "brightness", "colourfulness")
COMPARING = [name for name in SCORES if name.removeprefix("SceneScore ") not in ALONE]


@pytest.fixture(scope="module")
def images() -> tuple[Tensor, Tensor]:
    exposures = torch.rand(1, 2, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    return exposures.mean(1), exposures


@pytest.mark.parametrize("name", SCORES)
def test_integers_and_other_scales_are_refused(name: str, images: tuple[Tensor, Tensor]) -> None:
    score, fused, other = SCORES[name], images[0], other_of(name, images[1])
    score(fused, other)
    for wrong in ((255 * fused).to(torch.uint8), (255 * fused).to(torch.int64)):
        with pytest.raises(InputError, match=r"floats in \[0, 1\]. Got torch.u?int"):
            score(wrong, other)
    for scale in (255, 65535):
        with pytest.raises(InputError, match=r"Expected .* in \[0, 1\]. Got values from"):
            score(scale * fused, scale * other)


@pytest.mark.parametrize("name", COMPARING)
def test_what_is_compared_with_on_another_scale_is_refused(name: str, images: tuple[Tensor, Tensor]) -> None:
    score, fused, other = SCORES[name], images[0], other_of(name, images[1])
    with pytest.raises(InputError, match=r"(exposures|a reference) in \[0, 1\]. Got values from -0.99"):
        score(fused, 2 * other - 1)
    with pytest.raises(InputError, match=r"(exposures|a reference) of floats"):
        score(fused, (255 * other).to(torch.uint8))


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("place", ["fused", "other"])
def test_what_is_not_finite_has_no_finite_score(
    name: str, value: float, place: str, images: tuple[Tensor, Tensor]
) -> None:
    """Neither one pixel nor all of them."""
    if place == "other" and name in ALONE:
        pytest.skip("looks at the fused image alone")
    for count in (1, None):
        given = {"fused": images[0].clone(), "other": other_of(name, images[1]).clone()}
        given[place].view(-1)[:count] = value
        with suppress(InputError):
            assert not SCORES[name](given["fused"], given["other"]).isfinite().any()


@pytest.mark.parametrize("name", COMPARING)
def test_shapes_that_would_only_broadcast_are_refused(name: str, images: tuple[Tensor, Tensor]) -> None:
    score, fused, other = SCORES[name], images[0], other_of(name, images[1])
    for wrong in (fused.expand(4, -1, -1, -1), fused[..., :1], fused[0], fused[:, :1]):
        with pytest.raises(InputError, match="Expected"):
            score(wrong, other)


@pytest.mark.parametrize("name", SCORES)
def test_little_outside_is_scored(name: str, images: tuple[Tensor, Tensor]) -> None:
    SCORES[name](1.2 * images[0] - 0.1, other_of(name, images[1]))


@pytest.mark.parametrize("name", LOSSES)
def test_losses_take_an_image_that_a_network_has_yet_to_tame(
    name: str, images: tuple[Tensor, Tensor]
) -> None:
    fused, exposures = images
    LOSSES[name](8 * fused - 4, exposures)
    LOSSES[name](torch.full_like(fused, torch.nan), exposures)  # for the run to tell of, see `Watch`
    LOSSES[name](torch.full_like(fused, torch.inf), exposures)
