"""Exposures of a scene in which something moves, made to agree: one of them says where things are.

What contradicts it in another exposure is replaced by the reference itself, made as bright as that exposure.
So whatever fuses them sees a scene that stands still, in every band of a pyramid, and nothing is invented:
where the reference is clipped and the other one contradicts it, the surroundings are continued.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from hdr_lightning.channels import highest, in_unit, mean
from hdr_lightning.errors import InputError
from hdr_lightning.fusion.ghosts import CLEAR, PIXELS, Curve, find_curve, find_evidence, ghosts_of, is_clipped

if TYPE_CHECKING:  # what makes photographs agree may be done before it is loaded
    from torch import Tensor

AUTO = 0.5
"""Sensitivity that leaves scenes without motion as they are."""
SMALLEST = 16
"""Smaller side in pixels below which nothing can be told to move."""
_FEATHER = 2.5
_NOISE, _AROUND, _TINY = 1.5 / 255, 5, 1e-9  # of a photograph; pixels in whose middle it is smoothed
_STRIP = 256


class Agreeing(NamedTuple):
    """Exposures that show one moment.

    Attributes:
        photographs: Each (H, W, 3) of the type that came in; the very same where nothing was replaced.
        ghosts: (K, h, w) in [0, 1], reduced: how far each was replaced by the reference.
    """

    photographs: list[np.ndarray]
    ghosts: np.ndarray


def deghosting(word: str | float) -> "Deghost | None":
    """What `auto`, `off` or a sensitivity from 0 to 1 asks for; None for nothing.

    Raises:
        InputError: It is something else.
    """
    if word in ("auto", "off"):
        return Deghost() if word == "auto" else None
    try:
        return Deghost(float(str(word)))  # True is no number here
    except ValueError:
        raise InputError(f"deghost: Expected auto, off or a number from 0 to 1. Got {word!r}") from None


class Deghost:
    """Replaces what contradicts a reference.

    Args:
        sensitivity: How little is taken for a ghost: 0 nothing, `AUTO` what cannot be noise, 1 most.

    Raises:
        InputError: It lies outside [0, 1].
    """

    def __init__(self, sensitivity: float = AUTO) -> None:
        if not 0 <= sensitivity <= 1:
            raise InputError(f"deghost: Expected a number from 0 to 1. Got {sensitivity}")
        self.sensitivity = sensitivity

    def __call__(self, exposures: "Tensor") -> "Tensor":
        """Exposures (B, K, 3, H, W) in [0, 1], sorted dark to bright, that agree; the same where they do."""
        import torch

        given, scenes = exposures.unbind(), []
        for stack in given:
            photographs = [np.ascontiguousarray(x.float().cpu().permute(1, 2, 0).numpy()) for x in stack]
            agreeing = self.agree(photographs)
            changed = (torch.from_numpy(x).permute(2, 0, 1) for x in agreeing.photographs)
            scenes.append(torch.stack([*changed]).to(stack) if agreeing.ghosts.any() else stack)
        same = all(scene is stack for scene, stack in zip(scenes, given, strict=True))
        return exposures if same else torch.stack(scenes)

    def agree(self, photographs: Sequence[np.ndarray], reference: int | None = None) -> Agreeing:
        """Make photographs agree.

        Args:
            photographs: Each (H, W, 3) RGB, uint8, uint16 or float in [0, 1], of one size, dark to bright.
            reference: The one that says where things are; None for the one that shows best what moves.
        """
        small = [_reduced(photograph) for photograph in photographs]
        if self.sensitivity == 0 or len(small) < 2 or min(small[0].shape[:2]) < SMALLEST:
            return Agreeing(list(photographs), np.zeros((len(small), *small[0].shape[:2]), np.float32))
        between = _Between(small, self.sensitivity)
        still = _best(small, between) if reference is None else reference
        maps = [
            _feathered(ghosts_of(between[still, k]) if k != still else None, image)
            for k, image in enumerate(small)
        ]
        result = list(photographs)
        for k, ghosts in enumerate(maps):
            if ghosts.any():
                curve = find_curve(small[still], small[k])
                offset = _offset(small[still], small[k], curve, ghosts)
                result[k] = _replaced(photographs[k], photographs[still], curve, offset, ghosts)
        return Agreeing(result, np.stack(maps))


class _Between(dict[tuple[int, int], np.ndarray]):
    """Evidence of what moves between two of some exposures, by their numbers in either order: found once."""

    def __init__(self, small: Sequence[np.ndarray], sensitivity: float) -> None:
        super().__init__()
        self._small, self._sensitivity = small, sensitivity

    def __missing__(self, pair: tuple[int, int]) -> np.ndarray:
        one, other = pair
        found = find_evidence(self._small[one], self._small[other], self._sensitivity)
        self[one, other] = self[other, one] = found
        return found


def _best(small: Sequence[np.ndarray], between: _Between) -> int:
    """The exposure that shows best what clearly differs between neighbours."""
    moving = np.any([ghosts_of(between[pair], CLEAR) for pair in pairwise(range(len(small)))], axis=0)
    place = moving if moving.any() else np.ones_like(moving)
    return max(range(len(small)), key=lambda k: float(_exposedness(small[k])[place].mean()))


def _reduced(photograph: np.ndarray) -> np.ndarray:
    """(H, W, 3) of at most `PIXELS` pixels."""
    height, width = photograph.shape[:2]
    factor = min(1.0, (PIXELS / (height * width)) ** 0.5)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return cv2.resize(photograph, size, interpolation=cv2.INTER_AREA) if factor < 1 else photograph


def _most(photograph: np.ndarray) -> float:
    return 1.0 if photograph.dtype.kind == "f" else float(np.iinfo(photograph.dtype).max)


def _exposedness(image: np.ndarray) -> np.ndarray:
    """How well each pixel is exposed, 0 (black or clipped) to 1."""
    values = in_unit(image)
    lit = np.clip((mean(values) - 0.02) / 0.1, 0, 1)  # what is dark can be brightened
    return np.asarray(lit * np.clip((0.98 - highest(values)) / 0.18, 0, 1))


def _feathered(ghosts: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    """The map with soft edges, (h, w) in [0, 1]."""
    if ghosts is None or not ghosts.any():
        return np.zeros(like.shape[:2], np.float32)
    return np.asarray(cv2.GaussianBlur(ghosts.astype(np.float32), (0, 0), _FEATHER))


def _offset(reference: np.ndarray, exposure: np.ndarray, curve: Curve, ghosts: np.ndarray) -> np.ndarray:
    """What to add to the brightened reference (h, w, 3) so that it goes over into the surroundings."""
    seen, free, still = in_unit(exposure), is_clipped(in_unit(reference)), ghosts < 0.01
    difference = seen - curve.of(reference)
    # lamps and the sun, clipped here too, are no surroundings to be continued
    bright = _continued(difference, (still & free & ~is_clipped(seen)).astype(np.float32))
    limit = curve.of(reference, scatter=True)
    others = np.clip(_continued(difference, (still & ~free).astype(np.float32)), -limit, limit)
    return np.asarray(cv2.GaussianBlur(np.where(free[..., None], bright, others), (0, 0), _FEATHER))


def _continued(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Values (h, w, C), smoothly continued where they are not known: a pyramid, filled from above."""
    if min(known.shape) < 2 or known.all():
        return values
    share = cv2.pyrDown(known)
    coarse = cv2.pyrDown(values * known[..., None]) / np.maximum(share, 1e-6)[..., None]
    coarse = _continued(coarse, np.minimum(4 * share, 1))
    wide = cv2.pyrUp(coarse, dstsize=known.shape[::-1])
    return np.asarray(wide + known[..., None] * (values - wide))


def _replaced(
    photograph: np.ndarray, reference: np.ndarray, curve: Curve, offset: np.ndarray, ghosts: np.ndarray
) -> np.ndarray:
    """The photograph (H, W, 3) with its ghosts overwritten, a strip at a time."""
    result, most = photograph.copy(), _most(photograph)
    for top in range(0, len(result), _STRIP):
        rows = slice(top, top + _STRIP)
        share = _enlarged(ghosts, result.shape[:2], rows)[..., None]
        if share.any():
            wanted = _brightened(reference, rows, curve) + _enlarged(offset, result.shape[:2], rows)
            here = result[rows] + share * (most * np.clip(wanted, 0, 1) - result[rows])
            result[rows] = here if result.dtype.kind == "f" else np.rint(here)
    return result


def _brightened(reference: np.ndarray, rows: slice, curve: Curve) -> np.ndarray:
    """Rows of the reference as bright as the exposure, (h, W, 3), with half the noise that this adds.

    As in a Wiener filter what varies less than noise would is drawn to the mean around it. Half, for fine
    structure looks like noise, and a face without any like wax.
    """
    above = min(rows.start, _AROUND)
    strip = reference[rows.start - above : rows.stop + _AROUND]
    image = curve.of(strip)
    around, gain = _mean(image), _mean(curve.gain(strip)).clip(1)
    power = _mean(image * image) - around * around
    kept = np.sqrt(np.maximum(1 - _NOISE**2 * (gain * gain - 1) / np.maximum(power, _TINY), 1 / gain**2))
    return np.asarray(image - (1 - kept) / 2 * (image - around))[above : above + _STRIP]


def _mean(image: np.ndarray) -> np.ndarray:
    return cv2.blur(image, (_AROUND, _AROUND))


def _enlarged(plane: np.ndarray, size: tuple[int, ...], rows: slice) -> np.ndarray:
    """Rows of a reduced plane (h, w) or (h, w, 3) as large as the image."""
    height, width = size
    down, right = plane.shape[0] / height, plane.shape[1] / width
    place = np.array([[right, 0, right / 2 - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]])
    count = min(rows.stop, height) - rows.start
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(plane, place, (width, count), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )
