"""The colours of a blended luma: those of the exposures that show a place about as bright as it is to be."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hdr_lightning.blending.in_range import room_for
from hdr_lightning.cues import to_gray
from hdr_lightning.planes import on_planes, plain

NEAR = 0.16
"""Difference of luma at which the colour of an exposure begins to count less."""
HEADROOM = 0.25
"""Distance from white below which a colour counts less: cameras pale it long before a channel is clipped."""
CLIPPING = 0.1
"""The same for detail of colour, of which only what is clipped is lost."""
PARTLY = 0.3
"""How much a colour counts of which some channels are clipped, not all: its hue has moved, but not far."""
NOISE = 0.02
"""Luma of the dark in which a colour is mostly noise."""
STRONGEST = 2.5
"""How many times stronger than in the exposures a chroma may become, where the luma does."""
MARGIN = 2
"""Rows that the colour of a row is decided from beyond those of its own pair."""


def matched(luma: Tensor, exposures: Tensor) -> Tensor:
    """Give a luma the colours of the exposures that show a place about as bright as it is to be.

    The chroma of every exposure, its difference from gray, counts by how near its luma is, less where a
    channel nears white, hardly where all are clipped, and less where it is so dark that it is noise. Their
    mean is scaled as the luma is, so saturation is kept, or by the root of that where the luma is darker, so
    that shade does not look gray; and paled as far as [0, 1] asks. That is decided at half the size. Detail
    of colour that is finer than this holds most of the noise, so there the exposures count by how far they
    stand out of it: the brightest that are not clipped. Gray stays gray, equal exposures stay as they are,
    and no hue is made that lies outside those of the exposures nearby. The result has the luma that was
    given.

    Args:
        luma: (B, 1, H, W).
        exposures: (B, K, 3, H, W) in [0, 1].

    Returns:
        (B, 3, H, W), outside [0, 1] only where the luma is.
    """
    images = exposures.unbind(1)
    wanted, halves = _halved(luma.clamp(0, 1)), [_halved(image) for image in images]
    grays = [to_gray(half) for half in halves]
    rooms = [1 - half.amax(1, keepdim=True) for half in halves]
    matching = [_trust(*each, wanted) for each in zip(halves, grays, rooms, strict=True)]
    clean = [
        _unclipped(room, CLIPPING) * (gray + NOISE).square() for gray, room in zip(grays, rooms, strict=True)
    ]
    fine = _scaled(clean, grays, wanted)
    apart = zip(_scaled(matching, grays, wanted), fine, halves, strict=True)
    coarse = reduce(torch.add, ((match - part) * half for match, part, half in apart))
    sizes = [3, *[1] * len(fine)]
    chroma, *shares = torch.split(_doubled(torch.cat([coarse, *fine], dim=1), luma), sizes, dim=1)
    for share, image in zip(shares, images, strict=True):
        chroma = torch.addcmul(chroma, share, image)
    chroma = chroma - to_gray(chroma)
    colours = torch.addcmul(luma, chroma, room_for(chroma, luma))
    return colours.clamp_(luma.clamp_max(0), luma.clamp_min(1))  # where rounding left it


def _scaled(trusts: Sequence[Tensor], grays: Sequence[Tensor], luma: Tensor) -> list[Tensor]:
    """Weights by how much each exposure is trusted, of which the mean is as strong as a luma asks."""
    total = reduce(torch.add, trusts)
    bright = reduce(torch.add, (trust * (gray + NOISE) for trust, gray in zip(trusts, grays, strict=True)))
    ratio = (luma + NOISE) * total / bright
    scale = ratio.clamp(1, STRONGEST) * ratio.clamp_max(1).sqrt() / total
    return [trust * scale for trust in trusts]


def _halved(image: Tensor) -> Tensor:
    """Means of 2 x 2 pixels, or of those that there are at the end of an odd number of rows or columns."""
    if not plain(image):
        return F.avg_pool2d(image, 2, ceil_mode=True)
    height, width = image.shape[-2:]
    if height % 2 or width % 2:
        image = F.pad(image, (0, width % 2, 0, height % 2), mode="replicate")
    return on_planes(_resized, image, image.shape[-2] // 2, image.shape[-1] // 2)


def _doubled(halves: Tensor, whole: Tensor) -> Tensor:
    """Linear between means (B, C, h, w): (B, C, H, W), as large as the whole image that was halved."""
    if plain(halves):
        double = on_planes(_resized, halves, 2 * halves.shape[-2], 2 * halves.shape[-1])
    else:
        double = F.interpolate(halves, scale_factor=2, mode="bilinear", align_corners=False)
    return double[..., : whole.shape[-2], : whole.shape[-1]]


def _resized(plane: np.ndarray, other: np.ndarray) -> None:
    import cv2

    cv2.resize(plane, other.shape[::-1], dst=other, interpolation=cv2.INTER_LINEAR)  # halved: the mean


def _unclipped(room: Tensor, headroom: float) -> Tensor:
    """How far colours are from being clipped, by the room above their largest channel, 0.001 to 1."""
    return (room / headroom).clamp(1e-3, 1)


def _trust(image: Tensor, gray: Tensor, room: Tensor, luma: Tensor) -> Tensor:
    """How much the colour of an exposure (B, 3, H, W) counts for a luma, above 0 (B, 1, H, W)."""
    partly = ((1 - image.amin(1, keepdim=True)) * (2 * PARTLY)).clamp_max(PARTLY)
    unclipped = torch.maximum(_unclipped(room, HEADROOM), partly)
    far = ((gray - luma) / NEAR).square()
    return unclipped * (gray + 1e-3) / (gray + NOISE) / (1 + far).square()
