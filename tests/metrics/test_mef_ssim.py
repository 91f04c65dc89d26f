"""MEF-SSIM against a literal transcription (loops over patches) and values of the authors' Matlab file."""

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.testing import assert_close

from benchmarks.literal import POWERS, literal_gray, literal_scales
from hdr_lightning.errors import InputError
from hdr_lightning.metrics import mef_ssim, mef_ssim_scales

mef_ssim_module = importlib.import_module("hdr_lightning.metrics.mef_ssim")  # the package shows the function


def awkward_case(kind: str, count: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """8-bit fused image (3, H, W) and exposures (K, 3, H, W) of a textured scene, with a kind of trouble."""
    generator = np.random.default_rng(count)
    rows, columns = np.mgrid[:height, :width]
    scene = 0.5 + 0.4 * np.sin(rows / 5) * np.cos(columns / 7) + generator.normal(0, 0.03, (3, height, width))
    gains = np.geomspace(0.2, 5, count)
    exposures = np.round(255 * np.clip(np.stack([scene * gain for gain in gains]), 0, 1))
    fused = np.round(exposures.mean(axis=0))
    if kind == "constant fused":
        fused[:] = 128
    if kind == "constant exposures":
        exposures[:] = np.linspace(0, 255, count).round()[:, None, None, None]
    if kind == "clipped halves":
        exposures[0, ..., : width // 2], exposures[-1, ..., width // 2 :] = 0, 255
    if (
        kind == "opposed"
    ):  # the structures nearly cancel; where they do so exactly the definition divides 0 by 0
        exposures[1] = 255 - np.round(0.7 * exposures[0])
    if kind == "noise":
        exposures, fused = (
            generator.integers(0, 256, exposures.shape),
            generator.integers(0, 256, fused.shape),
        )
    return fused, exposures


def as_batch(images: np.ndarray, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(images, dtype=dtype)[None] / 255


CASES = [
    ("plain", 2, 48, 51),
    ("plain", 3, 45, 44),
    ("constant fused", 2, 44, 44),
    ("constant exposures", 3, 44, 47),
    ("clipped halves", 2, 47, 53),
    ("clipped halves", 4, 46, 44),
    ("opposed", 2, 44, 45),
    ("opposed", 3, 44, 44),
    ("noise", 4, 45, 46),
]


@pytest.mark.parametrize(("kind", "count", "height", "width"), CASES)
def test_scales_equal_literal_transcription(kind: str, count: int, height: int, width: int) -> None:
    fused, exposures = awkward_case(kind, count, height, width)
    expected = torch.tensor(literal_scales(fused, exposures))[None]
    exact = mef_ssim_scales(as_batch(fused), as_batch(exposures))
    assert_close(exact, expected, rtol=0, atol=1e-9)
    single = mef_ssim_scales(as_batch(fused, torch.float32), as_batch(exposures, torch.float32))
    assert single.dtype == torch.float32
    # What is left of opposed structures is small beside what was subtracted, and blown up to full contrast.
    assert_close(single.double(), expected, rtol=0, atol=5e-3 if kind == "opposed" else 1e-4)
    combined = np.prod(np.maximum(expected.numpy(), 0) ** POWERS)
    assert_close(mef_ssim(as_batch(fused), as_batch(exposures)).item(), float(combined), rtol=0, atol=1e-9)


def test_without_rounding_only_the_fused_image_is_taken_as_it_is() -> None:
    _, exposures = awkward_case("noise", 3, 46, 45)
    gray = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 46, 45)), 3, axis=0)
    whole = as_batch(gray.astype(np.uint8)), as_batch(exposures)
    assert_close(mef_ssim_scales(*whole, round_gray=False), mef_ssim_scales(*whole), rtol=0, atol=1e-9)
    faint = 0.02 * whole[0], whole[1]
    difference = mef_ssim_scales(*faint, round_gray=False) - mef_ssim_scales(*faint)
    assert difference.abs().min() > 1e-4


@pytest.mark.shared
def test_golden_values_of_the_matlab_file(shared: Path) -> None:
    def read(file: Path) -> np.ndarray:
        return np.asarray(Image.open(file).convert("RGB")).transpose(2, 0, 1)

    folder = shared / "golden" / "mef_ssim"
    rows = list(csv.DictReader((folder / "expected.csv").read_text().splitlines()))
    assert len(rows) == 11
    for row in rows:
        case = folder / row["case"]
        fused = read(case / "fused.png")
        exposures = np.stack([read(case / f"{k + 1}.png") for k in range(int(row["exposures"]))])
        expected = torch.tensor([[float(row[f"scale{scale}"]) for scale in (1, 2, 3)]], dtype=torch.float64)
        for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-4)):
            images = as_batch(fused, dtype), as_batch(exposures, dtype)
            assert_close(mef_ssim_scales(*images).double(), expected, rtol=0, atol=tolerance)
            assert_close(mef_ssim(*images).item(), float(row["mef_ssim"]), rtol=0, atol=tolerance)


def test_gray_rounds_8_bit_colours_as_matlab_does() -> None:
    colours = np.stack(np.meshgrid(*[np.arange(0, 256, 3)] * 3)).reshape(3, 86 * 86, 86)
    expected = torch.tensor(literal_gray(colours))
    for dtype in (torch.float32, torch.float64):
        assert torch.equal(
            mef_ssim_module._gray(as_batch(colours, dtype), True)[0].double() + 127.5, expected
        )


def test_large_images_in_strips_equal_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    fused, exposures = awkward_case("plain", 3, 60, 70)
    whole = mef_ssim_scales(as_batch(fused), as_batch(exposures))
    monkeypatch.setattr(mef_ssim_module, "_STRIP", 7 * 60)
    assert_close(mef_ssim_scales(as_batch(fused), as_batch(exposures)), whole, rtol=0, atol=1e-12)


def test_score_does_not_depend_on_the_order_of_exposures() -> None:
    fused, exposures = awkward_case("clipped halves", 4, 48, 48)
    expected = mef_ssim(as_batch(fused), as_batch(exposures))
    assert_close(mef_ssim(as_batch(fused), as_batch(exposures[[2, 0, 3, 1]])), expected)


def test_batch_equals_single_images() -> None:
    cases = [awkward_case(kind, 2, 45, 50) for kind in ("plain", "noise", "opposed")]
    fused, exposures = (torch.cat([as_batch(case[part]) for case in cases]) for part in (0, 1))
    expected = torch.cat([mef_ssim(as_batch(case[0]), as_batch(case[1])) for case in cases])
    assert_close(mef_ssim(fused, exposures), expected)


@pytest.mark.parametrize("fused", [torch.zeros, torch.ones, torch.rand])
@pytest.mark.parametrize("given", [torch.zeros, torch.ones, torch.rand])
def test_score_stays_in_range(fused: type, given: type) -> None:
    score = mef_ssim(fused(1, 3, 44, 44), given(1, 2, 3, 44, 44))
    assert 0 <= score.item() <= 1


def test_inverted_image_scores_zero() -> None:
    fused, exposures = awkward_case("plain", 2, 48, 48)
    assert mef_ssim(1 - as_batch(fused), as_batch(exposures)).item() < 1e-6


@pytest.mark.parametrize(
    ("fused", "exposures"),
    [
        ((1, 3, 43, 60), (1, 2, 3, 43, 60)),
        ((1, 3, 60, 43), (1, 2, 3, 60, 43)),
        ((1, 3, 48, 48), (1, 1, 3, 48, 48)),
        ((1, 1, 48, 48), (1, 2, 1, 48, 48)),
        ((1, 3, 48, 50), (1, 2, 3, 48, 48)),
        ((3, 48, 48), (2, 3, 48, 48)),
    ],
)
def test_mef_ssim_raises(fused: tuple[int, ...], exposures: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"Expected .* Got"):
        mef_ssim(torch.zeros(fused), torch.zeros(exposures))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_equals_cpu() -> None:
    fused, exposures = (
        as_batch(images, torch.float32) for images in awkward_case("clipped halves", 3, 60, 70)
    )
    found = mef_ssim_scales(fused.cuda(), exposures.cuda())
    assert_close(found.cpu(), mef_ssim_scales(fused, exposures), rtol=0, atol=1e-4)


# The metric object: values are MEF-SSIM's, what is tested is who counts.
