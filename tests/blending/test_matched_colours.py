"""The colours of a blended luma against their definition, pixel by pixel."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning import filters
from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.blending.matched_colours import matched
from hdr_lightning.cues import to_gray


def skies(k: int = 3, side: int = 16) -> torch.Tensor:
    """(1, K, 3, H, W): a coloured scene, darker and brighter, clipped where it is too bright."""
    generator = torch.Generator().manual_seed(4)
    light = torch.rand(1, 3, side, side, generator=generator, dtype=torch.float64)
    gains = torch.logspace(-0.7, 0.7, k, dtype=torch.float64)
    return torch.stack([(light * gain).clamp(0, 1) ** 0.45 for gain in gains], dim=1)


def halved(image: np.ndarray, y: int, x: int) -> list[float]:
    """The mean of pixels (2y, 2x) to (2y + 1, 2x + 1) of each plane (C, H, W), as far as there are any."""
    height, width = image.shape[-2:]
    rows, columns = (
        [min(2 * place + n, size - 1) for n in (0, 1)] for place, size in ((y, height), (x, width))
    )
    return [float(np.mean([plane[i, j] for i in rows for j in columns])) for plane in image]


def shares(wanted: float, images: list[list[float]]) -> tuple[list[float], list[float]]:
    """How much of each image's colour a place gets, and how much of its colour detail."""
    grays = [0.298936021293775 * r + 0.587043074451121 * g + 0.114020904255103 * b for r, g, b in images]
    far, free = ([max(min((1 - max(image)) / room, 1), 1e-3) for image in images] for room in (0.25, 0.1))
    matching = [
        max(some, 0.3 * min(2 * (1 - min(image)), 1))
        * (gray + 1e-3)
        / (gray + 0.02)
        / (1 + ((gray - wanted) / 0.16) ** 2) ** 2
        for image, gray, some in zip(images, grays, far, strict=True)
    ]
    clean = [some * (gray + 0.02) ** 2 for gray, some in zip(grays, free, strict=True)]
    scaled = []
    for trusts in (matching, clean):
        total = sum(trusts)
        bright = sum(trust * (gray + 0.02) for trust, gray in zip(trusts, grays, strict=True)) / total
        ratio = (wanted + 0.02) / bright
        scale = min(ratio, 2.5) if ratio > 1 else ratio**0.5
        scaled.append([trust * scale / total for trust in trusts])
    return scaled[0], scaled[1]


def between(maps: np.ndarray, y: int, x: int) -> np.ndarray:
    """Maps (C, h, w) of half the size at a pixel of the whole, linear between the nearest two."""
    places = []
    for place, size in ((y, maps.shape[-2]), (x, maps.shape[-1])):
        other = place // 2 + (1 if place % 2 else -1)
        places.append([(place // 2, 0.75), (min(max(other, 0), size - 1), 0.25)])
    return np.sum([maps[:, i, j] * a * b for i, a in places[0] for j, b in places[1]], axis=0)


@pytest.mark.parametrize("side", [16, 15])
def test_matched_equals_its_definition_pixel_by_pixel(side: int) -> None:
    exposures = skies(side=side)
    luma = to_gray(exposures).mean(1)
    fused = matched(luma, exposures)
    half = (side + 1) // 2
    coarse, fine = np.empty((3, half, half)), np.empty((3, half, half))
    for y, x in np.ndindex(half, half):
        images = [halved(image, y, x) for image in exposures[0].numpy()]
        coarse_share, fine[:, y, x] = shares(halved(luma[0].numpy(), y, x)[0], images)
        coarse[:, y, x] = np.sum(
            [
                np.array(image) * (a - b)
                for image, a, b in zip(images, coarse_share, fine[:, y, x], strict=True)
            ],
            axis=0,
        )
    for y, x in np.ndindex(side, side):
        colour = between(coarse, y, x) + between(fine, y, x) @ exposures[0, :, :, y, x].numpy()
        colour -= colour @ [0.298936021293775, 0.587043074451121, 0.114020904255103]
        wanted, scale = luma[0, 0, y, x].item(), 1.0
        for part in colour:  # paled as far as the range asks
            scale = min(scale, (1 - wanted) / part if part > 0 else wanted / -part)
        assert_close(fused[0, :, y, x], torch.from_numpy(wanted + scale * colour))


def test_matched_keeps_equal_exposures() -> None:
    image = skies(side=21)[:, 1]
    assert_close(matched(to_gray(image), torch.stack([image] * 3, dim=1)), image)


def test_matched_keeps_the_luma_and_gray() -> None:
    exposures = skies()
    luma = to_gray(exposures).mean(1)
    fused = matched(luma, exposures)
    assert_close(to_gray(fused), luma)
    assert fused.min() > -1e-12 and fused.max() < 1 + 1e-12
    card = to_gray(exposures).expand_as(exposures)
    assert_close(matched(luma, card), luma.expand(-1, 3, -1, -1))


def test_matched_turns_no_hue_and_takes_no_colour_from_what_is_clipped() -> None:
    sky = torch.tensor([0.3, 0.5, 0.8], dtype=torch.float64)[:, None, None].expand(-1, 4, 4)
    exposures = torch.stack([0.5 * sky, sky, (1.9 * sky).clamp(0, 1)])[None]
    for brightness in (0.3, 0.45, 0.55):
        fused = matched(torch.full_like(exposures[:, 0, :1], brightness), exposures)[0, :, 0, 0]
        hue, given = (colour - colour.mean() for colour in (fused, sky[:, 0, 0]))
        assert torch.cosine_similarity(hue, given, dim=0) > 0.999
        assert hue.norm() / fused.mean() > 0.85 * given.norm() / sky[:, 0, 0].mean()


def test_matched_keeps_hues_where_the_luma_leaves_the_range() -> None:
    exposures = skies()
    wide = 2.5 * to_gray(exposures).mean(1) - 0.8
    fused = MultiBand(colour="matched", in_range=True)(exposures, torch.full_like(exposures[:, :, :1], 1 / 3))
    assert fused.min() >= 0 and fused.max() <= 1
    assert_close(to_gray(matched(wide, exposures)), wide)


@pytest.mark.parametrize("side", [40, 41])
def test_large_images_in_strips_equal_one_piece(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    exposures = skies(side=side)
    weights = torch.full_like(exposures[:, :, :1], 1 / 3)
    whole = WeightedSum(colour="matched")(exposures, weights)
    monkeypatch.setattr(filters, "STRIP", 1)
    assert_close(WeightedSum(colour="matched")(exposures, weights), whole)


def test_where_no_gradient_is_wanted_colours_are_the_same() -> None:
    exposures = skies(side=41).float()
    luma = to_gray(exposures).mean(1)
    with torch.enable_grad():
        slow = matched(luma.requires_grad_(), exposures)
    assert_close(matched(luma.detach(), exposures), slow.detach(), atol=1e-6, rtol=0)


def test_fine_colours_are_those_of_the_least_noise() -> None:
    """A bright and a dark exposure, as noisy: scaled to a luma near the dark one, the bright one has less."""
    generator = torch.Generator().manual_seed(1)
    noise = 0.01 * torch.randn(1, 2, 3, 128, 128, generator=generator)
    exposures = noise + torch.tensor([0.2, 0.7]).view(1, 2, 1, 1, 1)
    luma = torch.full((1, 1, 128, 128), 0.25)
    chroma, given = matched(luma, exposures) - luma, noise - to_gray(noise)
    assert chroma.std() < 0.75 * given.std()


def test_matched_is_differentiable_in_the_weights() -> None:
    exposures = skies(k=2, side=20).double()
    logits = torch.zeros(1, 2, 1, 20, 20, dtype=torch.float64, requires_grad=True)
    MultiBand(colour="matched", in_range=True)(exposures, logits.softmax(1)).square().sum().backward()
    assert logits.grad is not None and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0
