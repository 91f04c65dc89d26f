import cv2
import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.blending.pyramid import depth, gaussian
from hdr_lightning.errors import InputError
from hdr_lightning.losses import BracketLoss, MEFSSIMLoss
from hdr_lightning.losses.bracket import COARSE, chroma_apart, gray_apart, mix_apart, teacher
from hdr_lightning.metrics import mef_ssim

GRAY = (0.298936021293775, 0.587043074451121, 0.114020904255103)


def bracket(count: int = 4, height: int = 48, width: int = 64) -> torch.Tensor:
    """(1, N, 3, H, W), dark to bright."""
    generator = torch.Generator().manual_seed(5)
    coarse = torch.rand(1, 3, 7, 8, generator=generator)
    scene = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0.02, 1)
    return torch.stack([(scene * gain).clamp(0, 1) for gain in np.geomspace(0.25, 4, count)], dim=1)


def test_terms_add_up_by_their_weights() -> None:
    exposures = bracket()
    fused = exposures[:, [0, -1]].mean(1)
    loss = BracketLoss(structure=0.5, brightness=3, tones=7, colour=5, overshoot=2)
    for seen in (exposures[:, [0, -1]], exposures):
        terms = loss(fused, seen, exposures)
        structure = MEFSSIMLoss(overshoot=2)(fused, seen)["loss"]
        taught = 3 * terms["brightness"] + 7 * terms["tones"] + 5 * terms["colour"]
        assert_close(terms["loss"], 0.5 * structure + taught)
        assert terms["brightness"] > 1e-5 and terms["colour"] > 1e-6
        assert (terms["tones"] > 1e-5) == (seen is exposures)


def test_teacher_is_the_mean_of_mertens_and_of_whole_exposures() -> None:
    exposures = (bracket() * 255).round() / 255
    images = [image.permute(1, 2, 0).numpy() for image in exposures[0]]
    mertens = cv2.createMergeMertens().process([(image * 255).round().astype(np.uint8) for image in images])
    weights = [np.exp(-(((image @ np.array(GRAY)).mean() - 0.5) ** 2) / (2 * 0.2**2)) for image in images]
    plain = sum(w * image for w, image in zip(weights, images, strict=True)) / sum(weights)
    expected = (plain + mertens.clip(0, 1)) / 2
    np.testing.assert_allclose(teacher(exposures)[0].permute(1, 2, 0).numpy(), expected, atol=0.01)


def test_brightness_and_colour_are_compared_on_levels_of_opencvs_pyramid() -> None:
    exposures = bracket()
    fused, wanted = exposures[:, 1], exposures[:, 2]
    difference = (fused - wanted)[0].permute(1, 2, 0).numpy()
    gray = difference @ np.array(GRAY, dtype=np.float32)
    chroma = difference - gray[..., None]
    for _ in range(4):  # of five halvings: 48 pixels to 3
        gray = cv2.pyrDown(gray)
    chroma = cv2.pyrDown(chroma)
    assert gray.shape == (3, 4) and chroma.shape[:2] == (24, 32)
    assert_close(gray_apart(fused, wanted, COARSE).item(), float((gray**2).mean()), rtol=1e-4, atol=1e-7)
    assert_close(chroma_apart(fused, wanted).item(), float((chroma**2).mean()), rtol=1e-4, atol=1e-7)


def weights_of_bands(exposures: torch.Tensor) -> list[torch.Tensor]:
    """Random ones of every band, which sum to 1."""
    torch.manual_seed(3)
    images = exposures[:, :, :1]
    return [torch.rand_like(level).softmax(1) for level in gaussian(images, depth(images))]


def test_mix_is_what_the_coarsest_two_bands_of_opencvs_pyramids_make() -> None:
    exposures = bracket()
    weights, wanted = weights_of_bands(exposures), exposures[:, 2]
    levels = []
    for image in (*exposures[0], wanted[0]):
        level = image.permute(1, 2, 0).numpy() @ np.array(GRAY, dtype=np.float32)
        for _ in range(4):  # of five halvings: 48 x 64 pixels to 3 x 4
            level = cv2.pyrDown(level)
        levels.append(level)
    *seen, target = levels
    coarsest = [cv2.pyrDown(level) for level in seen]
    bands = [level - cv2.pyrUp(half, dstsize=(4, 3)) for level, half in zip(seen, coarsest, strict=True)]
    fine, coarse = weights[-2][0, :, 0].numpy(), weights[-1][0, :, 0].numpy()
    mixed = sum(w * image for w, image in zip(coarse, coarsest, strict=True))
    mixed = cv2.pyrUp(mixed, dstsize=(4, 3)) + sum(w * band for w, band in zip(fine, bands, strict=True))
    found = mix_apart(exposures, weights, wanted)
    assert_close(found.item(), float(((mixed - target) ** 2).mean()), rtol=1e-4, atol=1e-7)


def test_mix_has_a_weight_of_its_own_and_no_say_of_finer_bands() -> None:
    exposures = bracket()
    fused, weights = exposures.mean(1), weights_of_bands(exposures)
    for band in weights:
        band.requires_grad_()
    loss = BracketLoss(structure=0, brightness=0, mix=3, tones=0, colour=0)
    assert loss.needs_weights and not BracketLoss().needs_weights
    terms = loss(fused, exposures, exposures, weights)
    assert_close(terms["loss"], 3 * mix_apart(exposures, weights, teacher(exposures)))
    terms["loss"].backward()
    assert [band.grad is not None for band in weights] == [False] * 4 + [True] * 2


def test_mix_needs_weights_of_every_band() -> None:
    exposures = bracket()
    one_map = torch.full_like(exposures[:, :, :1], 0.25)
    with pytest.raises(InputError, match=r"loss\.mix: .* Got one map"):
        BracketLoss(mix=1)(exposures.mean(1), exposures, exposures, one_map)
    with pytest.raises(InputError, match=r"6 bands .* Got weights of 5"):
        mix_apart(exposures, weights_of_bands(exposures)[1:], exposures[:, 2])


def test_a_bracket_of_two_teaches_structure_alone() -> None:
    exposures = bracket(2)
    fused = exposures.mean(1)
    terms = BracketLoss(overshoot=0)(fused, exposures, exposures)
    assert_close(terms["loss"], 1 - mef_ssim(fused, exposures, round_gray=False).mean())
    assert terms["brightness"] == terms["tones"] == terms["colour"] == 0


def test_without_structure_the_bracket_alone_teaches() -> None:
    fused = bracket().mean(1).requires_grad_()
    loss = BracketLoss(structure=0, brightness=1, tones=0, colour=0)
    terms = loss(fused, bracket()[:, [0, -1]], bracket())
    assert_close(terms["loss"], gray_apart(fused, teacher(bracket()), COARSE))
    assert "scale_1" not in terms and "overshoot" not in terms
    loss(fused, bracket(2), bracket(2))["loss"].backward()  # a bracket of two teaches nothing then
    assert fused.grad is not None and not fused.grad.any()


def test_steps_bring_a_pair_towards_the_bracket() -> None:
    exposures = bracket(5)
    pair = exposures[:, [0, -1]]
    fused = pair.mean(1).clone().requires_grad_()
    optimizer, terms = torch.optim.Adam([fused], lr=0.01), []
    for _ in range(20):
        optimizer.zero_grad()
        terms.append(BracketLoss()(fused, pair, exposures))
        terms[-1]["loss"].backward()
        optimizer.step()
    assert terms[-1]["brightness"] < 0.4 * terms[0]["brightness"]
    assert terms[-1]["colour"] < 0.7 * terms[0]["colour"]
    assert terms[-1]["loss"] < terms[0]["loss"]


def test_negative_weights_are_refused() -> None:
    for name in ("structure", "brightness", "mix", "tones", "colour", "overshoot"):
        with pytest.raises(InputError, match=rf"loss\.{name}"):
            BracketLoss(**{name: -0.1})
