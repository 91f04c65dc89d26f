"""Exposures that are transparent in parts: these do not count, and what all lack stays transparent."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from hdr_lightning.brackets.bracket import FusedBracket, fuse_bracket
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.brackets.transparency import filled
from hdr_lightning.commands.fuse import main
from hdr_lightning.imaging.reading import read_picture
from hdr_lightning.networks.method import resolve

LIGHT = (skimage.data.chelsea()[::2, ::2] / 255.0) ** 2.2
HEIGHT, WIDTH = LIGHT.shape[:2]
RIGHT = slice(2 * WIDTH // 3, None)


def exposed(stops: float) -> np.ndarray:
    return (255 * np.clip(LIGHT * 2**stops, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)


STACK = [exposed(stops) for stops in (-2, 0, 2)]


def fused(photographs: list[np.ndarray], method: str, alphas: list[np.ndarray | None]) -> FusedBracket:
    names = [str(place) for place in range(len(photographs))]
    return fuse_bracket(filled(photographs, alphas), resolve(method), names, "never", alphas=alphas)


def without_right(place: int, garbage: int = 0) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
    """The exposures, one of which is transparent from the middle on, with something hidden there."""
    photographs, alphas = [image.copy() for image in STACK], [None] * 3
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, WIDTH // 2 :] = 0
    photographs[place][:, WIDTH // 2 :] = garbage
    alphas[place] = alpha  # type: ignore[call-overload]
    return photographs, alphas  # type: ignore[return-value]


@pytest.mark.parametrize("method", ["average+weighted_sum", "mertens+weighted_sum"])
@pytest.mark.parametrize("place", range(3))
def test_weights_of_what_is_transparent_are_zero(method: str, place: int) -> None:
    photographs, alphas = without_right(place)
    found = fused(photographs, method, alphas).image
    others = STACK[:place] + STACK[place + 1 :]
    expected, whole = (fused(stack, method, [None] * len(stack)).image for stack in (others, STACK))
    torch.testing.assert_close(found[..., RIGHT], expected[..., RIGHT], rtol=0, atol=1e-6)
    torch.testing.assert_close(found[..., : WIDTH // 3], whole[..., : WIDTH // 3], rtol=0, atol=1e-6)
    assert float((expected - whole).abs()[..., RIGHT].max()) > 0.02


@pytest.mark.parametrize(("method", "levels"), [("mertens", 0.25), ("bandnet", 1)])
def test_border_is_seen_only_as_a_smooth_change_of_brightness(method: str, levels: float) -> None:
    """Bands finer than the distance from the border are those of the other exposures."""
    photographs, alphas = without_right(0)
    found = fused(photographs, method, alphas).image.numpy()
    expected = fused(STACK[1:], method, [None] * 2).image.numpy()
    both = [image - cv2.GaussianBlur(image.transpose(1, 2, 0), (0, 0), 8).transpose(2, 0, 1)
            for image in (found, expected)]  # fmt: skip
    difference = np.abs(both[0] - both[1])
    assert difference[..., RIGHT].mean() < levels / 255
    seam = np.abs(np.diff(found.mean(0), axis=1)).mean(0)[WIDTH // 2 - 4 : WIDTH // 2 + 4]
    usual = np.abs(np.diff(expected.mean(0), axis=1)).mean(0)[WIDTH // 2 - 4 : WIDTH // 2 + 4]
    assert seam.max() < 1.5 * usual.max()


@pytest.mark.parametrize("method", ["bandnet", "variance+multiband:ycbcr"])
def test_what_is_hidden_does_not_matter(method: str) -> None:
    one, other = (fused(*_in(method, garbage)).image for garbage in (0, 201))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def _in(method: str, garbage: int) -> tuple[list[np.ndarray], str, list[np.ndarray | None]]:
    photographs, alphas = without_right(1, garbage)
    return photographs, method, alphas


def save(folder: Path, alphas: list[np.ndarray | None], suffix: str = "png") -> list[str]:
    folder.mkdir(exist_ok=True)
    files = []
    for place, (image, alpha) in enumerate(zip(STACK, alphas, strict=True)):
        pixels = image if alpha is None else np.dstack([image * (alpha[..., None] > 0), alpha])
        files.append(str(folder / f"{place}.{suffix}"))
        Image.fromarray(pixels).save(files[-1])
    return files


@pytest.fixture
def hole() -> np.ndarray:
    """The opacity of a panorama: nothing in a corner, with a soft border."""
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:50, :70] = 0
    return cv2.blur(alpha, (5, 5))


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.avif", "a.jxl", "a.exr", "deep.tif", "deep.jxl"])
def test_what_is_transparent_in_all_stays_so(tmp_path: Path, hole: np.ndarray, name: str) -> None:
    if name.endswith("exr"):
        pytest.importorskip("OpenEXR")
    files, output = save(tmp_path / "in", [hole] * 3), tmp_path / name
    depth = ["--bits", "16"] if "deep" in name else []
    main([*files, "-o", str(output), "--method", "mertens", "--quality", "100", *depth])
    alpha = read_picture(output).alpha
    assert alpha is not None
    np.testing.assert_allclose(alpha / np.iinfo(alpha.dtype).max, hole / 255, atol=2 / 255)


@pytest.mark.parametrize("name", ["a.jpg", "a.hdr"])
def test_formats_without_transparency_are_laid_on_black(
    tmp_path: Path, hole: np.ndarray, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files, output = save(tmp_path / "in", [hole] * 3), tmp_path / name
    main([*files, "-o", str(output), "--method", "mertens"])
    kind = output.suffix[1:].upper()
    assert f"{output}: {kind} has no transparency, so it is laid on black" in capsys.readouterr().err
    pixels = cv2.imread(str(output), cv2.IMREAD_UNCHANGED)
    assert pixels[:40, :60].max() <= 2 and pixels[60:, 80:].mean() > 0.05


def test_result_is_opaque_where_any_exposure_is(tmp_path: Path, hole: np.ndarray) -> None:
    other = hole[::-1, ::-1].copy()
    output = tmp_path / "a.png"
    main([*save(tmp_path / "in", [hole, other, None]), "-o", str(output), "--method", "mertens"])
    assert read_picture(output).alpha is None


def test_opacity_moves_with_the_exposures(tmp_path: Path) -> None:
    hole = np.full((HEIGHT, WIDTH), 255, np.uint8)
    hole[40:90, 60:110] = 0
    moved = [np.roll(image, (3 * k, 4 * k), (0, 1)) for k, image in enumerate(STACK)]
    alphas: list[np.ndarray | None] = [np.roll(hole, (3 * k, 4 * k), (0, 1)) for k in range(3)]
    cut = [image[10:-10, 10:-10] for image in moved]
    alphas = [alpha[10:-10, 10:-10] for alpha in alphas if alpha is not None]
    names = ["a", "b", "c"]
    found = fuse_bracket(filled(cut, alphas), resolve("mertens"), names, "always", 0, alphas=alphas)
    assert found.moved > 5 and found.opacity is not None
    rows, columns = np.nonzero(found.opacity[0].numpy() < 0.5)
    top, left = int(rows.min()), int(columns.min())
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (50, 50)
    assert abs(top - 30) <= 1 and abs(left - 50) <= 1


def test_opaque_files_with_alpha_change_no_byte(tmp_path: Path) -> None:
    plain = save(tmp_path / "plain", [None] * 3)
    alpha = save(tmp_path / "alpha", [np.full((HEIGHT, WIDTH), 255, np.uint8)] * 3)
    for files, name in ((plain, "a.png"), (alpha, "b.png")):
        main([*files, "-o", str(tmp_path / name), "--method", "mertens"])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_single_photograph_keeps_its_opacity(tmp_path: Path, hole: np.ndarray) -> None:
    file, output = save(tmp_path / "in", [hole] * 3)[1], tmp_path / "a.png"
    main([file, "-o", str(output), "--method", "mertens"])
    np.testing.assert_array_equal(read_picture(output).alpha, hole)


def test_transparent_parts_are_as_bright_as_their_exposure(tmp_path: Path) -> None:
    photographs, alphas = without_right(0)
    found = filled(photographs, alphas)
    read = read_exposures([Path(file) for file in save(tmp_path / "in", alphas)]).photographs
    np.testing.assert_array_equal(read, found)
    np.testing.assert_array_equal(found[0][:, : WIDTH // 2], STACK[0][:, : WIDTH // 2])
    difference = np.abs(found[0].astype(int) - STACK[0])
    assert difference[:, WIDTH // 2 :].mean() < 3
