"""The files of a bracket as exposures that belong together: one way up, one white, one colour space."""

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from hdr_lightning.brackets.transparency import filled
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles, raw
from hdr_lightning.imaging.reading import ImageHeader, is_raw, read_header, read_picture
from hdr_lightning.imaging.samples import Picture

_THUMBNAIL = 64


class Exposures(NamedTuple):
    """Exposures of one scene in one colour space.

    Attributes:
        photographs: Each (H, W, 3) RGB, uint8 or uint16, in the order of the files; where one is transparent
            it shows what it would, see `filled`.
        alphas: Each (H, W) opacity of the type of its photograph, or None where everything is opaque.
        profile: The ICC profile of all; empty for sRGB.
    """

    photographs: list[np.ndarray]
    alphas: list[np.ndarray | None]
    profile: bytes


def read_exposures(files: Sequence[Path], side: int | None = None) -> Exposures:
    """Read a bracket.

    Args:
        files: Exposures of one scene.
        side: Longest side in pixels to reduce them to; None for as they are.

    Raises:
        InputError: A file cannot be read, or the sizes differ.
    """
    headers = [read_header(file) for file in files]
    turns = _turns(files, headers)
    if turns is None:
        check_sizes([header[:2] for header in headers], [str(file) for file in files])
    raws = [file for file in files if is_raw(file)]
    balance = raw.white_balance(raws) if raws else None
    pictures = [
        read_picture(file, turns[place] if turns else None, balance, side) for place, file in enumerate(files)
    ]
    pixels, profile = _in_one_space(pictures, files)
    alphas = [picture.alpha for picture in pictures]
    if any(alpha is not None for alpha in alphas):
        pixels = filled(pixels, alphas)
    return Exposures(pixels, alphas, profile)


def check_sizes(sizes: Sequence[tuple[int, ...]], names: Sequence[str]) -> None:
    """Refuse images (height, width) of different sizes.

    Raises:
        InputError: It names two of them.
    """
    for size, name in zip(sizes, names, strict=True):
        if size != sizes[0]:
            (first_height, first_width), (height, width) = sizes[0], size
            raise InputError(
                f"Expected exposures of one size. Got {names[0]} with {first_width} x {first_height} "
                f"and {name} with {width} x {height} pixels"
            )


def _turns(files: Sequence[Path], headers: Sequence[ImageHeader]) -> list[int] | None:
    """How to turn each exposure where they disagree, as sensors do that point up or down; None for as told.

    Exposures of one bracket lie alike on the sensor: those whose turn is another than that of most are turned
    like these, unless they fit better as they say (turned by a program, say).
    """
    recorded = [header.orientation for header in headers]
    if len(set(recorded)) == 1 or len({_stored(header) for header in headers}) > 1:
        return None
    most = Counter(recorded).most_common(1)[0][0]
    kept = files[recorded.index(most)]
    turns = list(recorded)
    for place, file in enumerate(files):
        if recorded[place] != most and not _fits_better(file, recorded[place], most, kept):
            turns[place] = most
            warnings.warn(
                f"Expected exposures of one orientation. Got {file} with another: turned like {kept}",
                stacklevel=3,
            )
    return turns


def _stored(header: ImageHeader) -> tuple[int, int]:
    """Height and width before the image is turned."""
    height, width = header[:2]
    return (width, height) if header.orientation in (5, 6, 7, 8) else (height, width)


def _fits_better(file: Path, own: int, other: int, reference: Path) -> bool:
    """Whether a file is more like the reference by its own orientation than by another one."""
    target = _ranks(read_picture(reference).pixels)
    by_own, by_other = (read_picture(file, turn).pixels for turn in (own, other))
    if by_own.shape != by_other.shape:
        return False
    return bool(np.vdot(_ranks(by_own), target) > np.vdot(_ranks(by_other), target))


def _ranks(pixels: np.ndarray) -> np.ndarray:
    """The ranks of the brightness in a thumbnail, which exposures of a scene share; their mean is 0."""
    small = cv2.resize(pixels, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA).sum(
        -1, dtype=np.float64
    )
    ranks = small.ravel().argsort(kind="stable").argsort(kind="stable")
    return np.asarray(ranks - ranks.mean())


def _in_one_space(pictures: Sequence[Picture], files: Sequence[Path]) -> tuple[list[np.ndarray], bytes]:
    """The pixels in the widest of the colour spaces of the pictures, and its profile."""
    found = [picture.profile for picture in pictures]
    if all(profiles.alike(profile, found[0]) for profile in found[1:]):
        return [picture.pixels for picture in pictures], found[0]
    target = profiles.widest(found)
    odd = [place for place, profile in enumerate(found) if not profiles.alike(profile, target)]
    names = ", ".join(str(files[place]) for place in odd)
    alike = files[found.index(target)]
    warnings.warn(
        f"Expected exposures of one colour space. Got another in {names}: brought into that of {alike}",
        stacklevel=3,
    )
    pixels = [
        profiles.convert(picture.pixels, picture.profile, target) if place in odd else picture.pixels
        for place, picture in enumerate(pictures)
    ]
    return pixels, target
