"""MEF-SSIMd against its definition read literally, patch by patch, in NumPy, SciPy and scikit-image."""

import importlib
from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_dilation, binary_erosion
from skimage.exposure import match_histograms
from skimage.morphology import disk
from torch import Tensor
from torch.testing import assert_close

from benchmarks.literal import C, literal_gray
from hdr_lightning.errors import InputError
from hdr_lightning.metrics import MEFSSIMd, mef_ssim_d

mef_ssim_module = importlib.import_module("hdr_lightning.metrics.mef_ssim")
BELL = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
WINDOW = np.outer(BELL, BELL) / BELL.sum() ** 2


def literal_score(fused: np.ndarray, exposures: np.ndarray) -> float:
    """The score of 8-bit images (3, H, W) and (K, 3, H, W)."""
    image, grays = literal_gray(fused), [literal_gray(exposure) for exposure in exposures]
    static = np.all([literal_agreement(*pair) for pair in combinations(grays, 2)], axis=0)
    parts = [literal_map(image, grays)[static].mean()] if static.any() else []
    best = -np.inf
    for reference in [] if static.all() else grays:
        others = [other for other in grays if other is not reference]
        copies = [np.round(match_histograms(reference.astype(np.uint8), x.astype(np.uint8))) for x in others]
        best = max(best, literal_map(image, [reference, *copies])[~static].mean())
    return float(np.mean(parts if static.all() else [*parts, best]))


def literal_agreement(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where two gray images show the same structure, without regions that hold no disk of radius 11."""
    height, width = first.shape
    agree = np.zeros((height - 10, width - 10), bool)
    for top, left in np.ndindex(agree.shape):
        a, b = (image[top : top + 11, left : left + 11] for image in (first, second))
        covariance = ((a - a.mean()) * (b - b.mean())).mean()
        agree[top, left] = (covariance + C) / (a.std() * b.std() + C) >= 0.5
    return binary_dilation(binary_erosion(agree, disk(11), border_value=1), disk(11))


def literal_map(image: np.ndarray, exposures: list[np.ndarray]) -> np.ndarray:
    height, width = image.shape
    scores = np.zeros((height - 10, width - 10))
    for top, left in np.ndindex(scores.shape):
        inside = np.s_[top : top + 11, left : left + 11]
        patches = [exposure[inside] - exposure[inside].mean() for exposure in exposures]
        strengths = np.array([np.linalg.norm(patch) + 0.001 for patch in patches])
        weights = strengths**4 + 0.001
        weights /= weights.sum()
        desired = sum(w * x / s for w, x, s in zip(weights, patches, strengths, strict=True))
        if np.linalg.norm(desired) > 0:
            desired = desired / np.linalg.norm(desired) * strengths.max()
        desired, patch = desired - (WINDOW * desired).sum(), image[inside] - (WINDOW * image[inside]).sum()
        spread = (WINDOW * desired**2).sum() + (WINDOW * patch**2).sum()
        scores[top, left] = (2 * (WINDOW * desired * patch).sum() + C) / (spread + C)
    return scores


def moving_scene(count: int, height: int = 64, width: int = 72) -> np.ndarray:
    """Exposures (K, 3, H, W), 8 bits, of a texture before which a textured square wanders to the right."""
    generator = np.random.default_rng(count)
    rows, columns = np.mgrid[:height, :width]
    scene = 0.4 + 0.2 * np.sin(rows / 3) * np.cos(columns / 4) + generator.normal(0, 0.02, (3, height, width))
    square = 0.4 + 0.2 * generator.choice([-1, 1], (3, 16, 16))
    exposures = []
    for k, gain in enumerate(np.geomspace(0.4, 1.8, count)):
        view = scene.copy()
        view[:, 2:18, 2 + 14 * k : 18 + 14 * k] = square
        exposures.append(np.round(255 * np.clip(view * gain, 0, 1)))
    return np.stack(exposures)


def as_batch(images: np.ndarray, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(images, dtype=dtype)[None] / 255


def cases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    two, three = moving_scene(2), moving_scene(3, 52, 68)
    static = np.stack([two[0], np.round(np.clip(two[0] * 1.9, 0, 255))])
    noise = np.random.default_rng(0).integers(0, 256, (3, 3, 46, 48)).astype(float)
    half = two.copy()
    half[1, ..., :40] = 255
    return {
        "two": (np.round(two.mean(0)), two),
        "three": (np.round(three.mean(0)), three),
        "a copy": (three[1], three),
        "nothing moves": (np.round(static.mean(0)), static),
        "everything moves": (noise[0], noise),
        "clipped": (np.round(half.mean(0)), half),
        "constant": (np.full_like(two[0], 128), np.stack([np.full_like(two[0], 20), two[1]])),
    }


@pytest.mark.parametrize("name", cases())
def test_equals_literal_transcription(name: str) -> None:
    fused, exposures = cases()[name]
    expected = literal_score(fused, exposures)
    assert mef_ssim_d(as_batch(fused), as_batch(exposures)).item() == pytest.approx(expected, abs=1e-10)
    single = mef_ssim_d(as_batch(fused, torch.float32), as_batch(exposures, torch.float32))
    assert single.dtype == torch.float32
    assert single.item() == pytest.approx(expected, abs=2e-5)


def test_following_one_exposure_scores_above_showing_things_twice() -> None:
    exposures = as_batch(moving_scene(2))
    ghost, followed = exposures.mean(1), exposures[:, 1]
    assert mef_ssim_d(followed, exposures).item() > mef_ssim_d(ghost, exposures).item() + 0.1


def test_strips_equal_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    exposures = as_batch(moving_scene(3, 90, 80))
    whole = mef_ssim_d(exposures.mean(1), exposures)
    monkeypatch.setattr(mef_ssim_module, "_STRIP", 1000)
    assert_close(mef_ssim_d(exposures.mean(1), exposures), whole)


def test_order_of_exposures_does_not_matter() -> None:
    exposures = as_batch(moving_scene(3))
    fused = exposures.mean(1)
    assert_close(mef_ssim_d(fused, exposures.flip(1)), mef_ssim_d(fused, exposures))


def test_class_averages_over_distinct_scenes() -> None:
    one, other = as_batch(moving_scene(2)), as_batch(moving_scene(2)).flip(-1)[..., 3:, :]
    metric = MEFSSIMd()
    for exposures, name in ((one, "a"), (other, "b"), (one, "a")):
        metric.update(exposures[:, 0], exposures, [name])
    expected = [mef_ssim_d(exposures[:, 0], exposures).float() for exposures in (one, other)]
    assert_close(metric.compute(), torch.cat(expected).mean())


def test_what_cannot_be_scored_is_told() -> None:
    with pytest.raises(InputError, match="at least 11 pixels"):
        mef_ssim_d(torch.rand(1, 3, 10, 40), torch.rand(1, 2, 3, 10, 40))
    with pytest.raises(InputError, match="K >= 2"):
        mef_ssim_d(torch.rand(1, 3, 20, 40), torch.rand(1, 1, 3, 20, 40))
