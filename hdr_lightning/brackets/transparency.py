"""Transparent parts of exposures: they show what the exposure would, so that nothing sees a border there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from hdr_lightning.fusion.ghosts import find_curve

if TYPE_CHECKING:
    from torch import Tensor

Alphas = Sequence[np.ndarray | None]
"""(H, W) opacity of each exposure, of the type of its pixels, or None where everything is opaque."""
_SAMPLES, _FEWEST = 400_000, 2000
"""Pixels that both exposures show, of which the curve between them is read."""


def filled(pixels: Sequence[np.ndarray], alphas: Alphas) -> list[np.ndarray]:
    """Exposures whose transparent parts show the exposure nearest in brightness, made as bright as they are.

    What is transparent in all of them is continued from the nearest pixels.

    Args:
        pixels: Each (H, W, 3) RGB, uint8 or uint16, all of one size.
        alphas: Their opacity; pixels that are opaque by half count.
    """
    opaque = [is_opaque(image, alpha) for image, alpha in zip(pixels, alphas, strict=True)]
    shown = np.any(opaque, axis=0)
    if not shown.any():
        return list(pixels)
    levels = [_level(image, own) for image, own in zip(pixels, opaque, strict=True)]
    filled = []
    for place, image in enumerate(pixels):
        result, own = image.copy(), opaque[place]
        open_ = shown & ~own
        for other in sorted(range(len(pixels)), key=lambda one: abs(levels[one] - levels[place])):
            here = open_ & opaque[other]
            if here.any():
                result[here] = _as_bright(pixels[other], image, own & opaque[other], here)
                open_ &= ~here
        filled.append(_continued(result, shown))
    return filled


def is_opaque(image: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """Where an exposure counts, (H, W)."""
    if alpha is None:
        return np.ones(image.shape[:2], bool)
    return np.asarray(alpha > np.iinfo(alpha.dtype).max // 2)


def shown_of(exposures: Sequence[np.ndarray], alphas: Alphas) -> "Tensor":
    """(1, K, 1, H, W): 1 where an exposure counts, and everywhere where none does."""
    import torch

    opaque = np.stack([is_opaque(image, alpha) for image, alpha in zip(exposures, alphas, strict=True)])
    return torch.from_numpy(opaque | ~opaque.any(axis=0))[None, :, None].float()


def opacity(alphas: Alphas | None) -> "Tensor | None":
    """(1, H, W) in [0, 1]: that of the most opaque exposure; None where everything is opaque."""
    import torch

    if alphas is None:
        return None
    kept = [alpha for alpha in alphas if alpha is not None]
    if len(kept) < len(alphas):
        return None
    most = np.max([alpha / np.float32(np.iinfo(alpha.dtype).max) for alpha in kept], axis=0)
    return None if most.min() == 1 else torch.from_numpy(most)[None]


def joined(pixels: Sequence[np.ndarray], alphas: Alphas) -> list[np.ndarray]:
    """Exposures (H, W, 4) with their opacity, so that both are moved alike."""
    return [
        np.dstack([image, np.full(image.shape[:2], np.iinfo(image.dtype).max) if alpha is None else alpha])
        .astype(image.dtype, copy=False)
        for image, alpha in zip(pixels, alphas, strict=True)
    ]  # fmt: skip


def _level(image: np.ndarray, own: np.ndarray) -> float:
    return float(image[own].mean() / np.iinfo(image.dtype).max) if own.any() else 0.0


def _as_bright(other: np.ndarray, like: np.ndarray, both: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Pixels (N, 3) of another exposure at some places, as bright as an exposure is where both are shown."""
    most, others_most = (float(np.iinfo(image.dtype).max) for image in (like, other))
    values, count = other[here][:, None] / np.float32(others_most), int(both.sum())
    if count >= _FEWEST:
        step = -(-count // _SAMPLES)
        reference, exposure = other[both][::step, None] / others_most, like[both][::step, None] / most
        values = find_curve(reference, exposure).of(values)
    return np.asarray(np.rint(most * values[:, 0].clip(0, 1)), like.dtype)


def _continued(image: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The image with the nearest shown pixel where none is."""
    if shown.all():
        return image
    distances: Any = cv2.distanceTransformWithLabels(
        (~shown).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    labels = distances[1]
    places = np.zeros(labels.max() + 1, np.int64)
    places[labels[shown]] = np.flatnonzero(shown)
    return np.asarray(image.reshape(-1, 3)[places[labels]])
