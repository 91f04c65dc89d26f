"""One base for the brackets of a panorama: what was as bright in the scene is as bright in every picture.

How bright a place of a picture is to be is decided with the whole bracket in view, so neighbours that overlap
differ there. Their common base is a curve: how bright, on the average over all brackets, the fused picture is
where the mean of the exposures has some level. The coarsest bands of each picture are brought onto it, the
finer ones, with all detail, stay as they were fused.
"""

import warnings
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
import torch

from hdr_lightning.blending.in_range import paled
from hdr_lightning.brackets.align import Align
from hdr_lightning.brackets.around import open_around
from hdr_lightning.brackets.bracket import FusedBracket, fuse_bracket
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.imaging.brightness import RGB_TO_GRAY
from hdr_lightning.rising import rising

SIDE = 32
"""Smaller side in cells of what is brought onto the base."""
_BINS, _READ = 32, 384


class Base(NamedTuple):
    """How bright the picture is to be (values) where the mean of the exposures has some levels, in [0, 1]."""

    levels: tuple[float, ...]
    values: tuple[float, ...]


def common_base(jobs: Iterable[Job], fusion: Fusion, align: Align = "auto", wrap: bool = False) -> Base:
    """The base of brackets, from small pictures of all of them.

    Args:
        jobs: Brackets of one exposure setting. Those that cannot be fused say so when their turn comes.
        fusion: What fuses them.
        align: When to align, see `align_exposures`.
        wrap: They are panoramas of 360 degrees.

    Raises:
        InputError: None of them can be fused.
    """
    levels: list[np.ndarray] = []
    values: list[np.ndarray] = []
    reason = InputError("Expected brackets to find a common base of. Got none")
    for job in jobs:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # told when the bracket itself is fused
                names = [str(file) for file in job.bracket.files]
                photographs, alphas, _ = read_exposures(job.bracket.files, None if wrap else _READ)
                how = align
                if wrap:  # first, or the base would depend on where the panorama is cut
                    _, photographs, alphas, _ = open_around(photographs, alphas, names, align)
                    photographs = [_scaled(image, _READ / max(image.shape[:2])) for image in photographs]
                    alphas = [
                        alpha if alpha is None else _scaled(alpha, _READ / max(alpha.shape))
                        for alpha in alphas
                    ]
                    how = "never"
                fused = fuse_bracket(photographs, fusion, names, how, alphas=alphas)
        except InputError as error:
            reason = error
            continue
        found = _coarse(fused)
        levels.append(found[0].ravel())
        values.append(found[1].ravel())
    if not levels:
        raise reason
    return _curve(np.concatenate(levels), np.concatenate(values))


def on_base(fused: FusedBracket, base: Base) -> FusedBracket:
    """The result with its coarsest bands brought onto the base."""
    height, width = fused.image.shape[1:]
    level, value = _coarse(fused)
    change = (np.interp(level, base.levels, base.values) - value).astype(np.float32)
    wide = torch.from_numpy(cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC))
    return fused._replace(image=paled((fused.image + wide)[None])[0].clamp(0, 1))


def _coarse(fused: FusedBracket) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the exposures and the picture, both as gray cells (h, w)."""
    means = [_cells(image / np.float32(np.iinfo(image.dtype).max)) for image in fused.photographs]
    return np.mean(means, axis=0), _cells(fused.image.permute(1, 2, 0).numpy())


def _cells(image: np.ndarray) -> np.ndarray:
    return np.asarray(_scaled(image, SIDE / min(image.shape[:2])) @ np.array(RGB_TO_GRAY, np.float32))


def _scaled(image: np.ndarray, factor: float) -> np.ndarray:
    """An image (h, w, ...) reduced, never enlarged."""
    height, width = image.shape[:2]
    size = (max(round(width * min(factor, 1)), 1), max(round(height * min(factor, 1)), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _curve(levels: np.ndarray, values: np.ndarray) -> Base:
    """The rising curve nearest to the means of the values in bins of levels."""
    bins = np.minimum((levels * _BINS).astype(np.int64), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    known = counts > 0
    places, means = (np.bincount(bins, x, minlength=_BINS)[known] / counts[known] for x in (levels, values))
    return Base(tuple(places.tolist()), tuple(rising(means, counts[known]).tolist()))
