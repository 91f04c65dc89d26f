"""Photographs that show everything in one place: sorted by their light, aligned, without ghosts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hdr_lightning.brackets.align import Align, align_exposures
from hdr_lightning.brackets.exposures import check_sizes
from hdr_lightning.brackets.transparency import Alphas, filled, joined
from hdr_lightning.errors import InputError
from hdr_lightning.fusion.deghost import Deghost
from hdr_lightning.imaging.brightness import mean_luma


class Agreed(NamedTuple):
    """Exposures that show everything in one place, and how they came to."""

    photographs: Sequence[np.ndarray]  # dark to bright, each (H, W, 3)
    sources: tuple[int, ...]  # positions of them among the photographs given
    moved: float = 0.0  # pixels that the alignment moved the exposures at most
    ghosts: np.ndarray | None = None  # (K, h, w) in [0, 1], reduced: how far each was replaced
    alphas: Alphas | None = None  # their opacity, (H, W) each; None where all are opaque


def agree(
    photographs: Sequence[np.ndarray],
    deghost: Deghost | None,
    names: Sequence[str],
    align: Align = "auto",
    reference: int | None = None,
    drop: bool = False,
    alphas: Alphas | None = None,
) -> Agreed:
    """The first half of `fuse_bracket`: photographs by their light that show everything in one place.

    Args:
        deghost: Looks for what moves; None for taking the photographs as they are.
        alphas: Opacity of the photographs, which are `filled`; None where all are opaque.

    The other arguments and errors are those of `fuse_bracket`.
    """
    check_sizes([photograph.shape[:2] for photograph in photographs], names)
    sources = sorted(range(len(photographs)), key=lambda i: mean_luma(photographs[i]))
    exposures = [photographs[i] for i in sources]
    if alphas is not None and any(alpha is not None for alpha in alphas):
        alphas = [alphas[i] for i in sources]
    else:
        alphas = None
    if len(exposures) == 1:
        return Agreed(exposures, tuple(sources), alphas=alphas)
    still = None if reference is None else sources.index(reference)
    sorted_names = [names[i] for i in sources]
    exposures, kept, moved, alphas = _aligned(exposures, alphas, sorted_names, still, align, drop)
    sources, ghosts = [sources[k] for k in kept], None
    if deghost is not None:
        exposures, ghosts = deghost.agree(exposures, kept.index(still) if still in kept else None)
    return Agreed(exposures, tuple(sources), moved, ghosts, alphas)


def position_of(number: int | None, names: Sequence[str]) -> int | None:
    """Position of the photograph that shows where things are, from its number; None where none is chosen.

    Raises:
        InputError: There are fewer photographs.
    """
    if number is not None and number > len(names):
        raise InputError(f"reference: Expected the number of one of {len(names)} exposures. Got {number}")
    return None if number is None else number - 1


def _aligned(
    exposures: list[np.ndarray],
    alphas: Alphas | None,
    names: Sequence[str],
    still: int | None,
    align: Align,
    drop: bool,
) -> tuple[list[np.ndarray], tuple[int, ...], float, Alphas | None]:
    """What `align_exposures` gives, and the opacity moved as the exposures were."""
    if alphas is None:
        return *align_exposures(exposures, names, still, align, drop), None
    whole, kept, moved = align_exposures(joined(exposures, alphas), names, still, align, drop)
    alphas = [image[..., 3] for image in whole]
    exposures = [np.ascontiguousarray(image[..., :3]) for image in whole]
    return filled(exposures, alphas) if moved else exposures, kept, moved, alphas
