import cv2
import numpy as np
import pytest
import torch

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.in_turn import fuse_in_turn
from hdr_lightning.fusion.refinement import Refined
from hdr_lightning.levels import to_float
from hdr_lightning.networks.method import resolve

IN_TURN = (
    *("average", "average+multiband", "mertens", "mertens+weighted_sum", "variance"),
    *("adaptive", "adaptive:first", "adaptive:second", "variance+multiband:in_range"),
    *("variance+multiband:ycbcr", "mertens+multiband:matched", "average+weighted_sum:ycbcr", "bandnet"),
)


def photographs(count: int, height: int, width: int, depth: type = np.uint8) -> list[np.ndarray]:
    """A scene with coarse and fine structure and a flat, clipped part, from dark to bright."""
    random = np.random.default_rng(0)
    layers = [random.random((3 * n, 4 * n, 3), np.float32) for n in (2, 8, 32)]
    scene = sum(cv2.resize(x, (width, height), interpolation=cv2.INTER_CUBIC) for x in layers) / 3
    scene[: height // 4, : width // 4] = 0.9
    top = np.iinfo(depth).max
    return [np.rint(np.clip(scene * gain, 0, 1) * top).astype(depth) for gain in np.geomspace(0.3, 4, count)]


def at_once(fusion: Fusion, exposures: list[np.ndarray]) -> torch.Tensor:
    return fusion(torch.stack([to_float(pixels) for pixels in exposures])[None]).image


@torch.inference_mode()
@pytest.mark.parametrize("method", IN_TURN)
@pytest.mark.parametrize(("count", "depth"), [(2, np.uint16), (5, np.uint8)])
def test_exposures_in_turn_give_what_they_give_at_once(method: str, count: int, depth: type) -> None:
    fusion, exposures = resolve(method), photographs(count, 151, 200, depth)
    found = fuse_in_turn(fusion, exposures)
    assert found is not None
    image, outside = found
    difference = (image - at_once(fusion, exposures)).abs().max().item()
    assert difference < 1e-4
    assert 0 <= outside.item() < 0.2


@torch.inference_mode()
@pytest.mark.parametrize("method", ["bandnet", "variance+multiband:ycbcr"])
def test_exposures_in_turn_may_have_8_and_16_bits(method: str) -> None:
    exposures = [*photographs(3, 70, 90)[:2], photographs(3, 70, 90, np.uint16)[2]]
    fusion = resolve(method)
    found = fuse_in_turn(fusion, exposures)
    assert found is not None
    torch.testing.assert_close(found[0], at_once(fusion, exposures), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_strips_and_what_is_not_remembered_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    exposures = photographs(3, 131, 90)
    for method in ("mertens", "adaptive"):
        fusion = resolve(method)
        expected = at_once(fusion, exposures)
        with monkeypatch.context() as patch:
            patch.setattr("hdr_lightning.filters.STRIP", 90 * 20)
            patch.setattr("hdr_lightning.blending.in_turn.HELD", 0)
            found = fuse_in_turn(fusion, exposures)
        assert found is not None
        torch.testing.assert_close(found[0], expected, atol=1e-4, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize(("count", "pixels"), [(2, 2**9), (4, 2**11)])
def test_bands_that_a_network_does_not_see_take_its_gains_in_turn_too(count: int, pixels: int) -> None:
    fusion, exposures = resolve("bandnet+multiband:matched"), photographs(count, 203, 301)
    fusion.fuser.pixels = pixels
    found = fuse_in_turn(fusion, exposures)
    assert found is not None
    torch.testing.assert_close(found[0], at_once(fusion, exposures), atol=1e-3, rtol=0)


@torch.inference_mode()
def test_whoever_needs_all_exposures_at_once_says_so() -> None:
    exposures = photographs(2, 64, 64)
    refined = resolve("variance")
    refined.fuser = Refined(refined.fuser, refined.blending, 1)  # type: ignore[arg-type]
    assert fuse_in_turn(refined, exposures) is None


@torch.inference_mode()
@pytest.mark.parametrize(
    ("blending", "message"),
    [
        (WeightedSum(), "need multiband"),
        (MultiBand(levels=2), "levels=2"),
        (MultiBand(levels=-1), "0 or more"),
    ],
)
def test_what_cannot_be_blended_at_once_cannot_in_turn(blending: torch.nn.Module, message: str) -> None:
    exposures, fusion = photographs(2, 64, 80), Fusion(resolve("bandnet").fuser, blending)
    with pytest.raises(InputError, match=message):
        at_once(fusion, exposures)
    with pytest.raises(InputError, match=message):
        fuse_in_turn(fusion, exposures)
