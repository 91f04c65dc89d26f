"""Synthetic truth: an object that sits elsewhere in one exposure, and the fusion that never saw it there."""

from collections.abc import Iterable

import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor

from hdr_lightning.brackets.align import align_exposures
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import ghosts
from hdr_lightning.fusion.deghost import Deghost, deghosting
from hdr_lightning.fusion.tiling import fuse_in_tiles
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.metrics import mef_ssim_d
from hdr_lightning.networks.method import Method, resolve

SIDE, TOP = 44, 90
PLACES = {"reference": 60, "elsewhere": 180}


def scene(left: int, stops: float, seed: int = 0) -> np.ndarray:
    """A photograph with a textured square before it, 8 bits, with noise."""
    light = (skimage.data.coffee()[:240, 60:380] / 255.0) ** 2.2
    square = (skimage.data.astronaut()[100 : 100 + SIDE, 200 : 200 + SIDE] / 255.0) ** 2.2
    light[TOP : TOP + SIDE, left : left + SIDE] = 0.6 * square[..., ::-1] + 0.02
    signal = np.clip(light * 2.0**stops, 0, 1)
    noise = np.random.default_rng(seed).normal(0, 0.002, signal.shape)
    return (255 * np.clip(signal + noise, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)


def photographs(places: list[int], stops: list[float]) -> list[np.ndarray]:
    return [scene(place, stop, k) for k, (place, stop) in enumerate(zip(places, stops, strict=True))]


def test_no_two_exposures_are_compared_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    from hdr_lightning.fusion import deghost

    pairs = []

    def find_evidence(one: np.ndarray, other: np.ndarray, sensitivity: float) -> np.ndarray:
        pairs.append(frozenset((id(one), id(other))))
        return ghosts.find_evidence(one, other, sensitivity)

    monkeypatch.setattr(deghost, "find_evidence", find_evidence)
    for reference in (None, 0, 2):
        pairs.clear()
        Deghost().agree(photographs([HERE, THERE, HERE], STOPS), reference)
        assert len(pairs) == len(set(pairs)) in (2, 3)


def stack(places: list[int], stops: list[float]) -> Tensor:
    return to_float(np.stack(photographs(places, stops)))[None]


STOPS = [-2.0, 0.0, 1.5]
HERE, THERE = PLACES["reference"], PLACES["elsewhere"]


@pytest.mark.parametrize("method", ["bandnet", "mertens", "variance+weighted_sum", "average+multiband:ycbcr"])
@pytest.mark.parametrize("count", [2, 3])
def test_object_appears_once_where_the_reference_has_it(method: str, count: int) -> None:
    moving = stack([HERE, THERE, HERE][:count] if count == 3 else [HERE, THERE], STOPS[:count])
    still = stack([HERE] * count, STOPS[:count])
    fusion = resolve(f"{method}+deghost")
    with torch.inference_mode():
        fused = fuse_in_tiles(fusion, moving).image
        truth = fuse_in_tiles(resolve(method), still).image
        ghosted = fuse_in_tiles(resolve(method), moving).image
    error, before = ((x - truth).abs().mean(1)[0] for x in (fused, ghosted))
    for left in PLACES.values():
        inside = np.s_[TOP : TOP + SIDE, left : left + SIDE]
        assert error[inside].mean() < 0.15 * before[inside].mean()
        seen, wanted = (x[0].mean(0)[inside].flatten() for x in (fused, truth))
        assert torch.corrcoef(torch.stack([seen, wanted]))[0, 1] > 0.98
    away = torch.from_numpy(~around(PLACES.values(), 24))
    assert (fused - truth).abs().amax(1)[0][away].max() < 1 / 255


def around(places: Iterable[int], margin: int) -> np.ndarray:
    """Where the square is or was, and what lies nearer than so many pixels."""
    mask = np.zeros((240, 320), bool)
    for left in places:
        mask[TOP - margin : TOP + SIDE + margin, left - margin : left + SIDE + margin] = True
    return mask


def test_pixels_away_from_what_moves_are_untouched() -> None:
    moving = photographs([HERE, THERE], STOPS[:2])
    agreeing = Deghost().agree(moving, 0)
    assert agreeing.photographs[0] is moving[0] and agreeing.photographs[1].dtype == np.uint8
    changed = (agreeing.photographs[1] != moving[1]).any(-1)
    assert changed.any() and not (changed & ~around(PLACES.values(), 24)).any()


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_every_kind_of_pixels_gives_the_same(kind: type) -> None:
    moving = photographs([HERE, THERE], STOPS[:2])
    factor = 257 if kind is np.uint16 else np.float32(1 / 255)
    expected = Deghost().agree(moving, 0).photographs[1] / 255
    result = Deghost().agree([(x.astype(np.float32) * factor).astype(kind) for x in moving], 0).photographs[1]
    assert result.dtype == kind
    np.testing.assert_allclose(result / (65535 if kind is np.uint16 else 1), expected, atol=0.51 / 255)


def test_scene_that_stands_still_comes_back_as_it_is() -> None:
    still = stack([HERE] * 3, STOPS)
    assert Deghost()(still) is still
    moving = photographs([HERE, THERE], STOPS[:2])
    assert Deghost(0).agree(moving).photographs[1] is moving[1]


def test_clipped_reference_takes_what_the_other_exposure_shows() -> None:
    dark, bright = scene(HERE, -3), scene(HERE, 4, 1)
    assert (bright > 245).mean() > 0.5
    assert Deghost().agree([dark, bright], 1).photographs[0] is dark


def test_clipped_surroundings_are_continued_without_lamps() -> None:
    dark, bright = scene(HERE, -3), scene(HERE, 4, 1)
    dark[:100], bright[:100] = (120, 110, 90), 255  # a ceiling,
    dark[30:50, 160:196] = 255  # its lamp,
    dark[20:60, 200:230] = 5  # and a head that only one exposure shows before it
    filled = Deghost().agree([dark, bright], 1).photographs[0]
    np.testing.assert_allclose(filled[25:55, 205:225], np.full((30, 20, 3), (120, 110, 90)), atol=3)
    assert (filled[32:48, 162:182] == 255).all()


def test_noise_of_a_dark_reference_is_not_all_brightened() -> None:
    random = np.random.default_rng(0)
    light = np.linspace(5, 45, 320)[None, :, None].repeat(240, axis=0).repeat(3, axis=2)
    light[120:] += 8  # an edge
    dark, bright = (light * gain + random.normal(0, 1.5, light.shape) for gain in (1, 5))
    bright[80:160, 100:160] = 240  # what only one exposure shows
    dark, bright = (x.clip(0, 255).round().astype(np.uint8) for x in (dark, bright))
    found = Deghost().agree([dark, bright], 0).photographs[1].astype(float)
    assert 3 < (found[90:110, 110:150] - 5 * light[90:110, 110:150]).std() < 0.75 * 5 * 1.5
    step = found[122:150, 110:150].mean() - found[90:118, 110:150].mean()
    assert step == pytest.approx(5 * 8, abs=2)
    assert found[120, 110:150].mean() - found[119, 110:150].mean() > 0.8 * 5 * 8


def test_reference_by_itself_shows_best_what_moves() -> None:
    maps = Deghost().agree(photographs([HERE, THERE, HERE + 40], [-5.0, 0.0, 4.0])).ghosts
    assert maps[1].max() == 0 and maps[[0, 2]].max() > 0.9


def test_nearly_black_exposure_is_no_reference(shared) -> None:
    files = [shared / "data" / "dynamic" / "ultrafusion_0003" / f"{name}.jpg" for name in ("under", "over")]
    aligned = align_exposures([read_image(file) for file in files], ["under", "over"])
    maps = Deghost().agree(aligned.exposures).ghosts  # a ship passes before a town at night
    assert maps[1].max() == 0 and maps[0].max() > 0.9


def test_score_for_moving_scenes_rises() -> None:
    moving = stack([HERE, THERE], STOPS[:2])
    with torch.inference_mode():
        plain, without = (fuse_in_tiles(resolve(f"mertens{x}"), moving).image for x in ("", "+deghost"))
    assert mef_ssim_d(without, moving).item() > mef_ssim_d(plain, moving).item() + 0.01


def test_sensitivity_takes_more_for_a_ghost() -> None:
    moving = photographs([HERE, THERE], STOPS[:2])
    areas = [Deghost(amount).agree(moving, 0).ghosts.mean() for amount in (0.1, 0.5, 1.0)]
    assert areas[0] <= areas[1] <= areas[2] and areas[0] < areas[2]


def test_method_word() -> None:
    method = Method.parse("mertens+multiband+deghost:0.7")
    assert str(method) == "mertens+multiband+deghost:0.7" and method.deghost == "0.7"
    assert str(Method.parse("bandnet+deghost+refine:3")) == "bandnet+deghost+refine:3"
    assert resolve("mertens").deghost is None
    deghost = resolve("mertens+deghost").deghost
    assert deghost is not None and deghost.sensitivity == 0.5


@pytest.mark.parametrize("word", ["2", "much", "-0.1", "nan", True, None])
def test_other_words_are_told(word: str) -> None:
    with pytest.raises(InputError, match="deghost: Expected"):
        deghosting(word)
