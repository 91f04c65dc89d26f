"""Photographs in, one photograph out: `from hdr_lightning import fuse`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hdr_lightning.brackets.agreeing import Agreed, agree
from hdr_lightning.brackets.align import Align
from hdr_lightning.brackets.around import open_around
from hdr_lightning.brackets.pixels import Picture, read_pictures
from hdr_lightning.brackets.transparency import Alphas, opacity, shown_of
from hdr_lightning.brackets.virtual import virtual_exposures
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fused, Fusion
from hdr_lightning.fusion.adjustments import Adjustments, adjust
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.fusion.device import device_of, fuse_on
from hdr_lightning.fusion.in_turn import fuse_in_turn
from hdr_lightning.fusion.opacity import Opaque, counted
from hdr_lightning.levels import to_float, to_pixels
from hdr_lightning.networks.method import DEFAULT, Method


class FusedBracket(NamedTuple):
    """A fused image, and what is to be told about it."""

    image: Tensor  # (3, H, W) in [0, 1]
    weights: Tensor | None  # (K, 1, H, W), sum to 1 over K, where they were asked for
    outside: float  # fraction of the values that were clipped to [0, 1]
    sources: tuple[int, ...]  # positions, among the photographs given, of the K exposures from dark to bright
    moved: float  # pixels that the alignment moved the exposures at most
    photographs: Sequence[np.ndarray]  # as they were fused, dark to bright, each (H, W, 3)
    ghosts: np.ndarray | None = None  # (K, h, w) in [0, 1], reduced: how far each was replaced
    opacity: Tensor | None = None  # (1, H, W) in [0, 1]; None where everything is opaque

    @property
    def exposures(self) -> Tensor:
        """The photographs as they were fused, (K, 3, H, W) in [0, 1]."""
        return _stack(self.photographs)


def fuse(
    images: Sequence[Picture],
    method: str = DEFAULT,
    blending: str | None = None,
    align: Align = "auto",
    deghost: str | float = "auto",
    brightness: float = 0.0,
    highlights: float = 0.0,
    shadows: float = 0.0,
    saturation: float = 0.0,
    device: str = "auto",
    wrap: bool = False,
) -> np.ndarray:
    """Fuse exposures of one scene, or virtual exposures of a single photograph.

    Args:
        images: In any order: files of any kind (`kinds.PICTURES`), (H, W, 3) RGB arrays or (3, H, W) tensors
            of uint8, uint16 or floats in [0, 1], or images of Pillow. A fourth channel is opacity: what is
            transparent in one image does not count there.
        method: A name such as `bandnet` or `mertens`, or the path of a checkpoint; with `+refine:30`
            after it, its weights are refined by 30 steps of test-time optimisation.
        blending: `multiband` or `weighted_sum`; by default what suits the method best.
        align: Undo the motion of a hand-held camera first and crop to what all images show: `auto` where
            that fits the scene better than leaving it, `always` or `never`.
        deghost: Show what moves once, where the best exposure has it: `auto`, `off`, or a number from 0
            (hardly anything counts as moving) to 1. A method with `+deghost` goes before.
        brightness: The whole image darker (-1) to brighter (1); 0 changes nothing, here and below.
        highlights: Bright areas darker (-1), as the dark exposures saw them, or brighter (1).
        shadows: Dark areas darker (-1) or brighter (1).
        saturation: Colours weaker (-1 is gray) or stronger (1).
        device: `cpu`, `cuda`, `mps`, or `auto` for a GPU where there is one.
        wrap: Panoramas of 360 degrees, whose left and right edges are to fit; they are aligned by turning
            them about the vertical axis, by whole columns.

    Returns:
        (H, W, 3) in sRGB, uint16 if any of the images has 16 bits or floats, otherwise uint8; (H, W, 4) where
        something is transparent in all of them. Files in other colours are brought to sRGB, which arrays are
        taken for; `hdr-fuse` keeps the colours that files have.

    Raises:
        InputError: Unknown method, unreadable file, images of different sizes or of another type, a number
            outside [-1, 1].

    Examples:
        >>> dark, bright = (np.full((32, 48, 3), level, np.uint8) for level in (60, 180))
        >>> picture = fuse([dark, bright], method="average", align="never")
        >>> picture.shape, int(picture[0, 0, 0])
        ((32, 48, 3), 120)
    """
    if isinstance(images, str | Path | np.ndarray | Tensor | Image.Image) or not images:
        raise InputError("Expected a list of files or of (H, W, 3) arrays. Got none")
    parsed = Method.parse(method)
    fusion = (parsed if blending is None else replace(parsed, blending=blending)).build()
    fusion.deghost = fusion.deghost or deghosting(deghost)
    fusion = adjust(fusion, Adjustments(brightness, highlights, shadows, saturation))
    names = [
        str(image) if isinstance(image, str | Path) else f"image {position}"
        for position, image in enumerate(images, start=1)
    ]
    photographs, alphas = read_pictures(images, names)
    bits = 8 * max(photograph.itemsize for photograph in photographs)
    circle = None
    if wrap:
        circle, photographs, alphas, _ = open_around(photographs, alphas, names, align)
        align = "never"
    fused = fuse_bracket(photographs, fusion, names, align, device=device, alphas=alphas)
    whole = fused.image if fused.opacity is None else torch.cat([fused.image, fused.opacity])
    return to_pixels(whole if circle is None else circle.closed(whole), bits)


def fuse_bracket(
    photographs: Sequence[np.ndarray],
    fusion: Fusion,
    names: Sequence[str],
    align: Align = "auto",
    reference: int | None = None,
    drop: bool = False,
    weights: bool = False,
    device: str = "auto",
    alphas: Alphas | None = None,
) -> FusedBracket:
    """Fuse photographs by a built fusion; a single one is replaced by virtual exposures of it.

    Args:
        photographs: Each (H, W, 3) RGB, uint8 or uint16, in any order.
        fusion: In evaluation mode.
        names: What to call the photographs in errors.
        align: When to undo the motion of the camera first, see `align_exposures`.
        reference: Position of the photograph that shows where things are; None for the best one.
        drop: Leave photographs out that match none of the others.
        weights: Also keep the weights, which takes the memory of all exposures at once.
        device: What fuses, see `device_of`.
        alphas: Opacity of the photographs, which are `filled`; None where all are opaque.

    Raises:
        InputError: The photographs differ in size, cannot be aligned or do not fit the fusion.
    """
    device_of(device)  # a wrong one is told before the work
    agreed = agree(photographs, fusion.deghost, names, align, reference, drop, alphas)
    return fuse_agreed(agreed, fusion, weights, device)


@torch.inference_mode()
def fuse_agreed(agreed: Agreed, fusion: Fusion, weights: bool = False, device: str = "auto") -> FusedBracket:
    """The second half of `fuse_bracket`, with its arguments: one picture of exposures that agree."""
    on, (exposures, sources, moved, ghosts, alphas) = device_of(device), agreed
    fusion = Fusion(fusion.fuser, fusion.blending).eval()
    if len(exposures) == 1:
        stack = virtual_exposures(to_float(exposures[0]))
        fused = fuse_on(fusion, stack[None], on)
        return _with_weights(fused, sources * len(stack), moved, exposures)._replace(opacity=opacity(alphas))
    if alphas is not None:
        fusion = Fusion(fusion.fuser, Opaque(fusion.blending, shown_of(exposures, alphas))).eval()
    elif not weights and on.type == "cpu" and (in_turn := fuse_in_turn(fusion, exposures)):
        image, outside = in_turn
        return FusedBracket(image[0], None, float(outside[0]), sources, moved, exposures, ghosts)
    fused = fuse_on(fusion, _stack(exposures)[None], on)
    if isinstance(fusion.blending, Opaque):
        fused = fused._replace(weights=counted(fused.weights, fusion.blending.shown.cpu()))
    found = _with_weights(fused, sources, moved, exposures)
    return found._replace(ghosts=ghosts, opacity=opacity(alphas))


def unfused(agreed: Agreed) -> FusedBracket:
    """Exposures that agree, for who asks for no picture of them: the middle one stands in its place."""
    exposures, sources, moved, ghosts, alphas = agreed
    image = to_float(exposures[middle(len(exposures))])
    return FusedBracket(image, None, 0.0, sources, moved, exposures, ghosts, opacity(alphas))


def _with_weights(
    fused: Fused, sources: Sequence[int], moved: float, photographs: Sequence[np.ndarray]
) -> FusedBracket:
    image, weights, outside = (part[0] for part in fused)
    return FusedBracket(image, weights, float(outside), tuple(sources), moved, photographs)


def middle(count: int) -> int:
    """Position of the middle exposure from dark to bright, the darker of two."""
    return (count - 1) // 2


def _stack(exposures: Sequence[np.ndarray]) -> Tensor:
    """(K, 3, H, W) in [0, 1], one exposure at a time: together they would need the memory twice."""
    height, width = exposures[0].shape[:2]
    stack = torch.empty(len(exposures), 3, height, width)
    for slot, exposure in zip(stack, exposures, strict=True):
        slot.copy_(to_float(exposure))
    return stack
