"""Colour profiles: what the numbers of a photograph mean, and how to bring photographs into one space."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from hdr_lightning.errors import InputError

SRGB_PRIMARIES = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_D65: tuple[float, ...] = (0.3127, 0.3290)
_NUMBERED = {9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046), 12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)}
"""Primaries of BT.2020 and Display P3 by their number in ISO 23091-2."""
_ADOBE_PRIMARIES, _ADOBE_GAMMA = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06), 563 / 256
_NEAR = 1.5 / 255
"""Spaces that differ less, over all colours, are one: programs write many profiles of sRGB."""
_MIDDLE_GRAY, _LINEAR = 0.4613, 0.25
"""Code in sRGB of the gray that reflects 18 %, and the code of it below which a curve counts as linear."""
_NOT_DATED = slice(24, 36)
_SIGNATURES = {b"GRAY": "gray", b"RGB ": "rgb", b"CMYK": "cmyk", b"Lab ": "lab"}
_RELATIVE, _PRECISE, _BLACK_POINT = 1, 256, 8192
"""What LittleCMS calls relative colorimetric, no interpolation in a table, black point compensation."""


def srgb() -> bytes:
    """The profile of sRGB."""
    return _undated(_cms().cms_profile("srgb"))


@lru_cache
def adobe_rgb() -> bytes:
    """A profile of the colours of Adobe RGB (1998)."""
    return made(_ADOBE_PRIMARIES, _ADOBE_GAMMA)


@lru_cache
def made(
    primaries: tuple[float, ...] = SRGB_PRIMARIES,
    gamma: float | None = None,
    white: tuple[float, ...] = _D65,
) -> bytes:
    """A profile of RGB with primaries and white in CIE 1931 xy and a power as its curve, or that of sRGB."""
    curve = {"gamma": gamma} if gamma else {"transferfunction": _srgb_curve()}
    return _undated(_cms().cms_profile("rgb", whitepoint=(*white, 1.0), primaries=primaries, **curve))


@lru_cache
def gray(gamma: float) -> bytes:
    """A profile of gray with a power as its curve."""
    return _undated(_cms().cms_profile("gray", gamma=gamma))


def by_number(number: int) -> bytes:
    """The profile of wide primaries numbered as in ISO 23091-2, curve of sRGB; empty for others."""
    return made(_NUMBERED[number]) if number in _NUMBERED else b""


def space_of(profile: bytes) -> str:
    """`gray`, `rgb`, `cmyk` or `lab`; empty for others and for no profile."""
    return _SIGNATURES.get(profile[16:20], "")


@lru_cache
def alike(one: bytes, other: bytes) -> bool:
    """Whether two profiles of RGB (empty: sRGB) give the same numbers the same colours, to 1.5 of 255."""
    if one == other:
        return True
    try:
        step = np.linspace(0, 1, 6, dtype=np.float32)
        colours = np.stack(np.meshgrid(step, step, step), axis=-1).reshape(1, -1, 3)
        return bool(np.abs(convert(colours, one, other) - colours).max() < _NEAR)
    except InputError:
        return False


@lru_cache
def fits(profile: bytes, space: str) -> bool:
    """Whether LittleCMS can bring values of a space from a profile to sRGB."""
    numbers = {"gray": (1, 1), "rgb": (1, 1, 3), "cmyk": (1, 1, 4)}.get(space, ())
    if space_of(profile) != space or not numbers:
        return False
    try:
        _transformed(np.zeros(numbers, np.uint8), space, profile, srgb())
    except InputError:
        return False
    return True


@lru_cache
def is_linear(profile: bytes) -> bool:
    """Whether a profile of RGB codes light linearly or nearly so, which is no basis for fusing by eye."""
    if not profile:
        return False
    middle_gray = convert(np.full((1, 1, 3), _MIDDLE_GRAY, np.float32), b"", profile)
    return float(middle_gray.mean()) < _LINEAR


def convert(values: np.ndarray, source: bytes, target: bytes) -> np.ndarray:
    """RGB (H, W, 3) of uint8, uint16 or float32 from one profile (empty: sRGB) into another, same type."""
    return _transformed(values, "rgb", source or srgb(), target or srgb())


def to_srgb(values: np.ndarray, space: str, profile: bytes) -> np.ndarray:
    """Values of any space as sRGB (H, W, 3), of the same type.

    Gray and CMYK without a profile of their own are taken as sRGB gray and as plain subtractive colours.

    Raises:
        InputError: LittleCMS cannot use the profile.
    """
    if space == "lab":
        return _transformed(values, "lab", _cms().cms_profile("lab4"), srgb())
    if space_of(profile) == space:
        return _transformed(values, space, profile, srgb())
    if space == "cmyk":
        return _without_inks(values)
    return values if space == "rgb" else np.repeat(values[..., None], 3, axis=-1)


def widest(candidates: Sequence[bytes]) -> bytes:
    """The one of several profiles of RGB that can say the most colours; the first of equal ones."""
    return max(candidates, key=lambda profile: round(_volume(profile), 3))


def _srgb_curve() -> np.ndarray:
    code = np.linspace(0, 1, 1024)
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.rint(light * 65535), np.uint16)


@lru_cache
def _volume(profile: bytes) -> float:
    primaries = np.eye(3, dtype=np.float32)[None]
    xyz = _cms().cms_profile("xyz")
    found = _transformed(primaries, "rgb", profile or srgb(), xyz, "xyz")
    return float(abs(np.linalg.det(found[0].astype(np.float64))))


def _transformed(
    values: np.ndarray, space: str, source: bytes, target: bytes, into: str = "rgb"
) -> np.ndarray:
    flags = (0 if values.dtype == np.uint8 else _PRECISE) | (_BLACK_POINT if space == "cmyk" else 0)
    try:
        found = _cms().cms_transform(
            np.ascontiguousarray(values),
            source,
            target,
            colorspace=space,
            outcolorspace=into,
            intent=_RELATIVE,
            flags=flags,
        )
    except Exception as error:
        raise InputError(f"Expected a colour profile that LittleCMS can use. Got: {error}") from error
    return np.asarray(found)


def _without_inks(values: np.ndarray) -> np.ndarray:
    """RGB of CMYK inks (H, W, 4), as Pillow has it: what the colour and the black let through."""
    if values.dtype == np.float32:
        return np.asarray((1 - values[..., :3]) * (1 - values[..., 3:]), np.float32)
    most = np.iinfo(values.dtype).max
    light = (most - values).astype(np.uint64)
    return np.asarray((light[..., :3] * light[..., 3:] + most // 2) // most, values.dtype)


def _undated(profile: bytes) -> bytes:
    """A made profile without the time of its making, so that results are the same every day."""
    plain = bytearray(profile)
    plain[_NOT_DATED] = bytes(12)
    return bytes(plain)


def _cms() -> Any:
    import imagecodecs  # 50 libraries behind it, and most photographs need none

    return imagecodecs
