"""Panoramas of 360 degrees, which have no left and right edge.

The circle is cut where it shows least, wherever the files were cut, and some of its beginning is repeated
behind its end. So fusion sees the surroundings of every place, and where it has fused a place twice both go
over into each other.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self, TypeVar

import numpy as np
import torch
from torch import Tensor

from hdr_lightning.brackets.align import Align, check
from hdr_lightning.brackets.exposures import check_sizes
from hdr_lightning.brackets.transparency import Alphas, filled
from hdr_lightning.brackets.turning import turns
from hdr_lightning.errors import InputError

Values = TypeVar("Values", np.ndarray, Tensor)


class Circle(NamedTuple):
    """Where a panorama is cut.

    Attributes:
        cut: The first column behind the cut.
        margin: How many columns are repeated.
    """

    cut: int
    margin: int

    @classmethod
    def of(cls, photographs: Sequence[np.ndarray]) -> Self:
        """Cut exposures (H, W, 3) of a panorama where the columns that are repeated differ least.

        What is chosen turns with the panorama: sums of whole numbers do not depend on where they begin.
        """
        height, width = photographs[0].shape[:2]
        margin = min(width // 2, height)
        columns = np.zeros(width, np.int64)
        for image in photographs:
            columns += np.abs(image.astype(np.int32) - np.roll(image, -1, 1)).sum((0, 2), dtype=np.int64)
        near = _summed(_summed(columns, margin // 2 + 1), margin // 2 + 1)
        return cls(int(near.argmin()), margin)

    def opened(self, image: np.ndarray) -> np.ndarray:
        """(H, W, ...) as (H, W + margin, ...) from the cut on."""
        turned = np.roll(image, -self.cut, 1)
        return np.concatenate([turned, turned[:, : self.margin]], axis=1)

    def closed(self, values: Values, size: float = 1.0) -> Values:
        """What was made of an opened panorama, (..., W + margin), as (..., W) from the first column on.

        Args:
            values: The last dimension runs from left to right.
            size: How large they are, against the panorama.
        """
        margin = round(self.margin * size)
        width = values.shape[-1] - margin
        if isinstance(values, Tensor):
            share = (torch.arange(margin, dtype=values.dtype) / max(margin, 1)).to(values.device)
            first = values[..., width:].lerp(values[..., :margin], share)
            return torch.cat([first, values[..., margin:width]], dim=-1).roll(round(self.cut * size), -1)
        found = self.closed(torch.from_numpy(values.astype(np.float32)), size).numpy()
        return (found if values.dtype.kind == "f" else np.rint(found)).astype(values.dtype)


class Opened(NamedTuple):
    """Exposures of a panorama, each (H, W + margin, 3), that begin and end where it is cut.

    Attributes:
        circle: Closes what is made of them.
        photographs: In the order that they came in.
        alphas: Their opacity, or None where everything is opaque.
        turned: By how many columns they were turned at most.
    """

    circle: Circle
    photographs: list[np.ndarray]
    alphas: list[np.ndarray | None]
    turned: int


def open_around(
    photographs: Sequence[np.ndarray],
    alphas: Alphas,
    names: Sequence[str],
    align: Align = "auto",
    reference: int | None = None,
) -> Opened:
    """Turn exposures of a panorama to fit each other, and open it.

    Args:
        photographs: Each (H, W, 3) RGB, uint8 or uint16.
        alphas: Their opacity.
        names: What to call them in errors.
        align: `never` leaves them as they are.
        reference: Position of the one that stays where it is; None for the middle one by brightness.

    Raises:
        InputError: The sizes differ, or they are to be aligned in every direction, which crops them.
    """
    check_sizes([photograph.shape[:2] for photograph in photographs], names)
    if check(align) == "always":
        raise InputError(
            "wrap: Expected --align auto, which turns about the vertical axis, or never. Got always"
        )
    distances = turns(photographs, reference) if align == "auto" else [0] * len(photographs)
    turned = [_rolled(image, step) for image, step in zip(photographs, distances, strict=True)]
    clear = [
        None if alpha is None else _rolled(alpha, step) for alpha, step in zip(alphas, distances, strict=True)
    ]
    if any(distances) and any(alpha is not None for alpha in clear):
        turned = filled(turned, clear)
    circle = Circle.of(turned)
    photographs = [circle.opened(image) for image in turned]
    alphas = [None if alpha is None else circle.opened(alpha) for alpha in clear]
    return Opened(circle, photographs, alphas, max(map(abs, distances)))


def _rolled(image: np.ndarray, step: int) -> np.ndarray:
    return np.roll(image, step, 1) if step else image


def _summed(columns: np.ndarray, count: int) -> np.ndarray:
    """The sum of so many columns from each on, around the circle."""
    sums = np.concatenate([[0], np.concatenate([columns, columns[: count - 1]]).cumsum()])
    return np.asarray(sums[count:] - sums[:-count])
