"""`from hdr_lightning import fuse`: photographs as files and arrays, of 8 and 16 bits."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from hdr_lightning import fuse
from hdr_lightning.brackets.bracket import fuse_bracket, middle
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.networks.method import FUSERS, resolve

LIGHT = (skimage.data.rocket() / 255.0) ** 2.2


def exposed(stops: float, bits: int = 8) -> np.ndarray:
    code = np.clip(LIGHT * 2**stops, 0, 1) ** (1 / 2.2) * (2**bits - 1)
    return code.round().astype(np.uint8 if bits == 8 else np.uint16)


DARK, BRIGHT = exposed(-1), exposed(3)


def test_mertens_is_opencv() -> None:
    expected = cv2.createMergeMertens(1, 1, 0).process([DARK, BRIGHT])
    found = fuse([DARK, BRIGHT], method="mertens")
    difference = np.abs(found - np.clip(expected * 255, 0, 255))
    assert difference[8:-8, 8:-8].max() < 1


@pytest.mark.slow
@pytest.mark.parametrize("method", FUSERS)
def test_order_of_the_exposures_does_not_matter(method: str) -> None:
    one, other = fuse([DARK, exposed(1), BRIGHT], method), fuse([BRIGHT, DARK, exposed(1)], method)
    np.testing.assert_array_equal(one, other)
    assert one.shape == DARK.shape and one.dtype == np.uint8


def test_sixteen_bits_stay_sixteen() -> None:
    deep = fuse([exposed(-1, 16), exposed(3, 16)])
    assert deep.dtype == np.uint16
    assert len(np.unique(deep)) > 5000
    shallow = fuse([DARK, BRIGHT])
    assert np.abs(deep / 257.0 - shallow).mean() < 1
    assert fuse([DARK, exposed(3, 16)]).dtype == np.uint16


def test_blending_can_be_chosen_beside_what_follows_a_method() -> None:
    typed = fuse([DARK, BRIGHT], "variance+multiband+refine:1")
    np.testing.assert_array_equal(fuse([DARK, BRIGHT], "variance+refine:1", blending="multiband"), typed)


def test_blending_can_be_chosen() -> None:
    plain = fuse([DARK, BRIGHT], "variance", blending="weighted_sum")
    np.testing.assert_array_equal(plain, fuse([DARK, BRIGHT], "variance+weighted_sum"))
    assert np.abs(plain.astype(int) - fuse([DARK, BRIGHT])).max() > 10
    assert bool((plain >= np.minimum(DARK, BRIGHT)).all()) and bool((plain <= np.maximum(DARK, BRIGHT)).all())


def test_single_photograph_gets_lighter_shadows() -> None:
    photograph = exposed(0)
    fused = fuse([photograph]).astype(float)
    shadows = photograph.mean(axis=2) < 60
    assert fused[shadows].mean() > 1.1 * photograph[shadows].mean()
    assert fused.shape == photograph.shape


def test_moved_camera_is_undone() -> None:
    unmoved = fuse([DARK[10:-10, 10:-10], BRIGHT[10:-10, 10:-10]])
    moved = [DARK[10:-10, 10:-10], BRIGHT[6:-14, 13:-7]]
    aligned = fuse(moved)
    assert all(small < large for small, large in zip(aligned.shape[:2], unmoved.shape[:2], strict=True))
    height, width = aligned.shape[:2]
    place = unmoved.shape[0] - height, unmoved.shape[1] - width
    best = min(
        np.abs(unmoved[top : top + height, left : left + width].astype(float) - aligned).mean()
        for top in range(place[0] + 1)
        for left in range(place[1] + 1)
    )
    worse = np.abs(fuse(moved, align="never").astype(float) - unmoved).mean()
    assert best < 0.4 * worse


def test_files_and_arrays_give_the_same(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), BRIGHT[..., ::-1])
    np.testing.assert_array_equal(fuse([str(tmp_path / "a.png"), DARK]), fuse([DARK, BRIGHT]))
    np.testing.assert_array_equal(fuse([tmp_path / "a.png"]), fuse([read_image(tmp_path / "a.png")]))


def test_sources_and_weights_run_dark_to_bright() -> None:
    fused = fuse_bracket([BRIGHT, DARK], resolve("adaptive"), ["bright", "dark"], weights=True)
    assert fused.sources == (1, 0)
    assert fused.weights.shape == (2, 1, *DARK.shape[:2])
    shadows = DARK.mean(axis=2) < 20
    assert fused.weights[1, 0].numpy()[shadows].mean() > 0.6
    assert 0 < fused.outside < 0.2


@pytest.mark.parametrize(("count", "expected"), [(2, 0), (3, 1), (4, 1), (5, 2)])
def test_middle(count: int, expected: int) -> None:
    assert middle(count) == expected


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "list of files"),
        ("a.png", "list of files"),
        (DARK, "list of files"),
        ([DARK, DARK[:-1]], r"one size. Got image 1 with 640 x 427 and image 2 with 640 x 426"),
        ([DARK.astype(int), BRIGHT], r"uint8, uint16 or floats.*image 1 .*int64"),
        ([DARK[..., 0], BRIGHT[..., 0]], r"\(H, W, 3 or 4\).*image 1"),
        (["absent.png", DARK], "absent.png"),
    ],
    ids=str,
)
def test_what_is_no_bracket_is_told(images: list[np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fuse(images)


def test_package_imports_torch_only_to_fuse() -> None:
    code = (
        "import sys, hdr_lightning; light = 'torch' not in sys.modules and 'cv2' not in sys.modules; "
        "from hdr_lightning import fuse; from hdr_lightning import fuse as again; "
        "sys.exit(not (light and fuse is again and callable(fuse)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
