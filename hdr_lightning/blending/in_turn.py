"""Exposures one after the other: time grows with their number, memory hardly does.

A stack of floats takes twelve bytes a pixel and exposure, and its pyramids more. Where a weight follows from
one exposure and from sums over all, nothing of the kind is needed: a first round over the exposures makes the
sums, a second adds each exposure, band by band, to the image.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.blending.colour import Colour, blended_planes, coloured
from hdr_lightning.blending.matched_colours import MARGIN
from hdr_lightning.blending.pyramid import Weights, down, gaussian, halvings, halvings_for, up
from hdr_lightning.filters import around, strips
from hdr_lightning.imaging.brightness import RGB_TO_GRAY
from hdr_lightning.levels import to_float

Weigh = Callable[[int], Weights]
"""Number of an exposure to its weights (1, 1, 1, H, W), or to those of every band, finest first."""

HELD = 2**27
"""Bytes of maps that are kept from one round for the next; where they need more, all are made again."""


class InTurn:
    """Exposures that stay integers until they are looked at, one or a part of one at a time.

    Args:
        photographs: Each (H, W, 3) RGB, uint8 or uint16, dark to bright, all of one size.
    """

    def __init__(self, photographs: Sequence[np.ndarray]) -> None:
        self._photographs = photographs
        self._gray, self._last = torch.empty(0), -1

    def __len__(self) -> int:
        return len(self._photographs)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width, _ = self._photographs[0].shape
        return height, width

    def image(self, number: int, rows: slice = slice(None)) -> Tensor:
        """Rows of an exposure, (1, 1, 3, h, W) in [0, 1]."""
        return to_float(self._photographs[number][rows])[None, None]

    def stack(self, rows: slice) -> Tensor:
        """Rows of all exposures, (1, K, 3, h, W) in [0, 1]."""
        return torch.cat([self.image(number, rows) for number in range(len(self))], dim=1)

    def gray(self, number: int) -> Tensor:
        """`to_gray` of an exposure, (1, 1, 1, H, W) in [0, 1]; the last one is kept."""
        if number != self._last:
            self._gray = torch.empty(0)  # which makes room for the next
            self._gray, self._last = self._grayed(self._photographs[number]), number
        return self._gray

    def planes(self, number: int, colour: Colour) -> Iterator[Tensor]:
        """What is blended of an exposure, plane by plane: each (1, 1, 1, H, W) in [0, 1]."""
        if colour == "rgb":
            yield from (self._channel(number, channel) for channel in range(3))
        elif colour == "matched":
            yield self.gray(number)
        else:
            yield self.each_strip(number, partial(blended_planes, colour))

    def _grayed(self, pixels: np.ndarray) -> Tensor:
        """`to_gray` of them by OpenCV, which takes a quarter of the time."""
        import cv2

        factors = np.array([RGB_TO_GRAY]) / np.iinfo(pixels.dtype).max
        gray = torch.empty(1, 1, 1, *self.size)
        for rows in strips(gray.expand(1, 1, 3, *self.size)):
            cv2.transform(pixels[rows].astype(np.float32), factors, dst=gray[0, 0, 0, rows].numpy())
        return gray

    def _channel(self, number: int, channel: int) -> Tensor:
        import cv2

        pixels = self._photographs[number]
        plane = torch.from_numpy(cv2.extractChannel(pixels, channel)).float()
        return plane.div_(np.iinfo(pixels.dtype).max)[None, None, None]

    def each_strip(self, number: int, function: Callable[[Tensor], Tensor], margin: int = 0) -> Tensor:
        """A function of strips of an exposure, put together again.

        Args:
            number: Of the exposure.
            function: Maps (1, 1, 3, h, W) to (1, 1, 1, h, W), each row from those not further than `margin`.
            margin: Rows that a strip has beyond those that count.

        Returns:
            (1, 1, 1, H, W).
        """
        height, width = self.size
        result = torch.empty(1, 1, 1, height, width)
        for rows in strips(result):
            near, own = around(rows, margin, height)
            result[..., rows, :] = function(self.image(number, near))[..., own, :]
        return result


def normalised(measure: Callable[[int], Tensor], count: int) -> Callable[[int], Tensor]:
    """The weights of exposures by the share that each has in the sum of a measure.

    Args:
        measure: Number of an exposure to a map (1, 1, 1, H, W), positive, which is made anew at every call.
        count: Number of exposures.
    """
    kept: list[Tensor] = []
    sums: list[Tensor] = []
    for number in range(count):
        own = measure(number)
        sums = [sums[0].add_(own) if number > 1 else sums[0] + own] if sums else [own]
        if count * own.nbytes <= HELD:
            kept.append(own)
    if not kept:
        return lambda number: measure(number).div_(sums[0])
    for own in kept:
        own.div_(sums[0])
    return lambda number: kept[number]


def multiband_in_turn(
    exposures: InTurn, weigh: Weigh, levels: int | None = None, colour: Colour = "rgb"
) -> Tensor:
    """`multiband` of exposures, unclipped.

    Args:
        exposures: At least one.
        weigh: Weights that sum to 1 over the exposures, or weights of every band.
        levels: How often the pyramid halves the image, 0 for the plain sum; None for as often as its size
            allows.
        colour: What is blended.

    Returns:
        (1, 3, H, W), or the luma (1, 1, H, W) where that alone is blended.

    Raises:
        InputError: `levels` is negative or not that of weights of bands.
    """
    deepest = len(halvings(*exposures.size)) - 1
    sums: list[list[Tensor]] = []
    for number in range(len(exposures)):
        weights = weigh(number)
        times = halvings_for(weights, levels, deepest)
        bands = gaussian(weights, times) if isinstance(weights, Tensor) else weights
        for place, plane in enumerate(exposures.planes(number, colour)):
            if place == len(sums):
                sums.append([torch.empty_like(band) for band in bands])
            _add(sums[place], plane, bands, first=number == 0)
        del weights, bands  # before the next are made
    return torch.cat([_collapsed(totals) for totals in sums], dim=2)[0]


def coloured_in_strips(exposures: InTurn, blended: Tensor, colour: Colour) -> Tensor:
    """`coloured` of what was blended (1, 1 or 3, H, W): (1, 3, H, W)."""
    if colour == "rgb":
        return blended
    height, width = exposures.size
    image = torch.empty(1, 3, height, width)
    for rows in strips(image):
        near, own = around(rows, MARGIN, height)
        image[..., rows, :] = coloured(colour, blended[..., near, :], exposures.stack(near))[..., own, :]
    return image


def _add(totals: list[Tensor], plane: Tensor, weights: Sequence[Tensor], first: bool) -> None:
    """Add the bands of a plane (1, 1, 1, H, W), times their weights, to those of the planes before."""
    for total, weight in zip(totals[:-1], weights[:-1], strict=True):
        coarse, (height, width) = down(plane), plane.shape[-2:]
        for rows in strips(plane):
            band = plane[..., rows, :] - up(coarse, height, width, rows)
            _add_times(total[..., rows, :], band, weight[..., rows, :], first)
        plane = coarse
    _add_times(totals[-1], plane, weights[-1], first)


def _add_times(total: Tensor, band: Tensor, weight: Tensor, first: bool) -> None:
    if first:
        torch.mul(band, weight, out=total)
    else:
        total.addcmul_(band, weight)


def _collapsed(totals: list[Tensor]) -> Tensor:
    """The plane (1, 1, 1, H, W) that has these bands."""
    plane = totals.pop()
    while totals:
        finer = totals.pop()
        plane = finer.add_(up(plane, *finer.shape[-2:]))
    return plane
