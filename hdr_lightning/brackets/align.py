"""Hand-held brackets: turn every exposure onto one of them and keep what all of them show."""

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Literal, NamedTuple, get_args

import cv2
import numpy as np

from hdr_lightning.brackets.motion import View, corners_of, find_motion, moved
from hdr_lightning.errors import InputError

Align = Literal["auto", "always", "never"]
"""When to align: where it makes the exposures fit each other better, whatever it does, or not at all."""
LEAST_OVERLAP = 0.5
"""Share of the image that all exposures have to show."""
LEAST_SHARED = 0.01
"""Share of the image with structure in both exposures from which on they can be told not to match."""
SMALLEST = 48
"""Smaller side in pixels below which exposures show too little to be matched by themselves."""
SLACK = 0.25
"""Pixels beyond the edge that are repeated from it rather than cropped, so that tripods lose nothing."""


class Aligned(NamedTuple):
    """Exposures that lie on each other, cropped to the part that all of them show.

    Attributes:
        exposures: Each (H', W', 3) of the type that came in; the very same where nothing had to be done.
        kept: Positions of these exposures among those that came in.
        moved: The furthest that a corner of an exposure was moved, in pixels.
    """

    exposures: list[np.ndarray]
    kept: tuple[int, ...]
    moved: float


def align_exposures(
    exposures: Sequence[np.ndarray],
    names: Sequence[str],
    reference: int | None = None,
    align: Align = "auto",
    drop: bool = False,
) -> Aligned:
    """Undo shift, rotation and tilt of the camera between exposures.

    Each exposure is matched to its neighbour on the way to the reference, which it resembles most. With
    `auto` a motion is undone only if nearly everything that both show fits better then, so what was taken
    from a tripod comes back as it is, whatever moves in it. An exposure that matches nothing stays where it
    is, with a warning; the next one is matched to the one before it.

    Args:
        exposures: Each (H, W, 3) RGB, uint8 or uint16, all of one size, sorted dark to bright.
        names: What to call the exposures in errors and warnings.
        reference: Position of the exposure that stays where it is; None for the one with the most detail.
        align: When to align; with `always` an exposure that matches nothing is an error.
        drop: Leave exposures that match nothing out.

    Raises:
        InputError: Exposures do not match (see `align`), overlap too little or are all dropped but one.
    """
    too_small = min(exposures[0].shape[:2]) < SMALLEST
    if check(align) == "never" or (align == "auto" and too_small):
        return Aligned(list(exposures), tuple(range(len(exposures))), 0.0)
    views = [View(exposure) for exposure in exposures]
    reference, motions = _most_found(views, align) if reference is None else _from(views, align, reference)
    lost = [names[k] for k, motion in sorted(motions.items()) if motion is None]
    _tell(lost, names[reference], align, drop)
    kept = [k for k in range(len(views)) if motions[k] is not None or not drop]
    if len(kept) < 2:
        raise InputError(f"Expected two exposures or more that match. Got {', '.join(names)}")
    found = [motions[k] for k in kept]
    return _turned([exposures[k] for k in kept], [np.eye(3) if x is None else x for x in found], kept, names)


def check(align: str) -> Align:
    """The word, if it says when to align.

    Raises:
        InputError: It does not.
    """
    if align not in get_args(Align):
        raise InputError(f"align: Expected {', '.join(get_args(Align))}. Got {align!r}")
    return align  # type: ignore[return-value]


_Motions = dict[int, np.ndarray | None]
"""From pixels of the reference to those of each exposure; None for one that matches nothing."""


def _from(views: Sequence[View], align: Align, reference: int) -> tuple[int, _Motions]:
    """The motions of all exposures from one of them."""
    ways = (range(reference, len(views)), range(reference, -1, -1))
    with ThreadPoolExecutor(len(ways)) as pool:  # OpenCV and numpy let each other work
        return reference, dict(chain(*pool.map(partial(_motions, views, align), ways)))


def _most_found(views: Sequence[View], align: Align) -> tuple[int, _Motions]:
    """The motions from the exposure with the most detail, unless most match another and not this one."""
    order = sorted(range(len(views)), key=lambda k: -views[k].detail)
    found = _from(views, align, order[0])
    lost = [k for k in order if found[1][k] is None]
    if 2 * len(lost) <= len(views):
        return found
    others = _from(views, align, lost[0])
    return others if len(lost) > sum(motion is None for motion in others[1].values()) else found


def _motions(views: Sequence[View], align: Align, way: range) -> list[tuple[int, np.ndarray | None]]:
    """The motion of every exposure on a way from the reference, with which it begins; None if it is lost."""
    last = way[0]
    motions: dict[int, np.ndarray | None] = {way[0]: np.eye(3)}
    for position in way[1:]:
        motion = motions[position] = _motion(views, last, position, align, motions[last])
        last = position if motion is not None else last
    return list(motions.items())


def _motion(
    views: Sequence[View], last: int, position: int, align: Align, of_last: np.ndarray | None
) -> np.ndarray | None:
    """From pixels of the reference to those of an exposure, by way of the last one; None if it is lost."""
    motion = find_motion(views[last], views[position])
    says_nothing = align == "auto" and motion.shared < LEAST_SHARED  # black or white: nothing to be wrong
    if not (motion.is_found or says_nothing) or of_last is None:
        return None
    step = motion.matrix if align == "always" or motion.is_of_camera else np.eye(3)
    return np.asarray(step @ of_last)


def _tell(lost: list[str], reference: str, align: Align, drop: bool) -> None:
    if not lost:
        return
    if align == "always" and not drop:
        raise InputError(f"Expected exposures of one scene to align. Got {', '.join(lost)} and {reference}")
    done = "left out" if drop else "taken as it is (--drop-unaligned leaves it out)"
    for name in lost:
        warnings.warn(f"{name} does not match the other exposures: {done}", stacklevel=3)


def _turned(
    exposures: list[np.ndarray], motions: list[np.ndarray], kept: list[int], names: Sequence[str]
) -> Aligned:
    height, width = exposures[0].shape[:2]
    farthest = max(moved(motion, width, height) for motion in motions)
    if farthest == 0:
        return Aligned(exposures, tuple(kept), 0.0)
    left, top, right, bottom = _common(np.array([corners_of(motion, width, height) for motion in motions]))
    if right <= left or (right - left) * (bottom - top) < LEAST_OVERLAP * width * height:
        raise InputError(f"Expected exposures that overlap by half. Got others in {', '.join(names)}")
    crop = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
    size = (right - left, bottom - top)
    warped = [_warp(image, motion @ crop, size) for image, motion in zip(exposures, motions, strict=True)]
    return Aligned(warped, tuple(kept), farthest)


def _common(corners: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of an upright rectangle inside all quadrilaterals (N, 4, 2)."""
    x, y = corners[..., 0], corners[..., 1]
    left, top = x[:, [0, 2]].max(), y[:, [0, 1]].max()
    right, bottom = x[:, [1, 3]].min(), y[:, [2, 3]].min()
    left, top = np.ceil(np.subtract((left, top), SLACK))
    right, bottom = np.floor(np.add((right, bottom), SLACK))
    return int(left), int(top), int(right), int(bottom)


def _warp(exposure: np.ndarray, motion: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(exposure, motion, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
