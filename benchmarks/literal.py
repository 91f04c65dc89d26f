"""MEF-SSIM as its definition reads, patch by patch: slow, the truth of a test and a peer to time."""

import math
from collections.abc import Sequence

import numpy as np

EPS = 2.0**-52
C = (0.03 * 255) ** 2
POWERS = np.array([0.0448, 0.2856, 0.3001]) / (0.0448 + 0.2856 + 0.3001)


def literal_gray(image: np.ndarray) -> np.ndarray:
    """Matlab's rgb2gray of an 8-bit image (3, H, W)."""
    return np.round(
        0.298936021293775 * image[0] + 0.587043074451121 * image[1] + 0.114020904255103 * image[2]
    )


def literal_scale(fused: np.ndarray, exposures: Sequence[np.ndarray], window: np.ndarray) -> float:
    """Steps 2 to 5 of the definition, one patch after the other."""
    scores = []
    for top in range(fused.shape[0] - 10):
        for left in range(fused.shape[1] - 10):
            inside = (slice(top, top + 11), slice(left, left + 11))
            patches = [image[inside] - image[inside].mean() for image in exposures]
            norms = [np.linalg.norm(patch) for patch in patches]
            energies = [norm + 0.001 for norm in norms]
            consistency = (np.linalg.norm(sum(patches)) + EPS) / (sum(norms) + EPS)
            power = min(math.tan(math.pi / 2 * min(max(consistency, EPS), 1 - EPS)), 10)
            weights = np.array([(energy / 11) ** power + EPS for energy in energies])
            weights /= weights.sum()
            desired = sum(w * p / e for w, p, e in zip(weights, patches, energies, strict=True))
            if np.linalg.norm(desired) > 0:
                desired = desired / np.linalg.norm(desired) * max(energies)
            patch = fused[inside]
            desired = desired - (window * desired).sum()
            patch = patch - (window * patch).sum()
            covariance = (window * desired * patch).sum()
            spread = (window * desired**2).sum() + (window * patch**2).sum()
            scores.append((2 * covariance + C) / (spread + C))
    return float(np.mean(scores))


def literal_half(image: np.ndarray) -> np.ndarray:
    """2x2 mean with a symmetric border, same size; then every second pixel."""
    padded = np.pad(image, ((0, 1), (0, 1)), mode="symmetric")
    return ((padded[:-1, :-1] + padded[1:, :-1] + padded[:-1, 1:] + padded[1:, 1:]) / 4)[::2, ::2]


def literal_scales(fused: np.ndarray, exposures: np.ndarray) -> np.ndarray:
    """The three scores of 8-bit images (3, H, W) and (K, 3, H, W)."""
    bell = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(bell, bell) / bell.sum() ** 2
    image, inputs = literal_gray(fused), [literal_gray(exposure) for exposure in exposures]
    scores = []
    for _ in range(3):
        scores.append(literal_scale(image, inputs, window))
        image, inputs = literal_half(image), [literal_half(exposure) for exposure in inputs]
    return np.array(scores)
