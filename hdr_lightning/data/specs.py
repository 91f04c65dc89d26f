"""What a patch is before any pixel is read: a place in a scene, and what happens to it."""

from typing import NamedTuple


class Tone(NamedTuple):
    """What happens to the values v of an exposure: `(gain v) ** gamma`, clipped to [0, 1] in between."""

    gain: float
    gamma: float


class PatchSpec(NamedTuple):
    """Where one patch comes from: index of the scene, upper left corner, and a turn code from 0 to 7; a tone
    for each exposure, or none; the size to which the scene is scaled, at most 1; which of the scene's
    exposures stand for its bracket and which of these are fused, or all; and whether it is the whole scene,
    squeezed into a square."""

    scene: int
    top: int
    left: int
    turn: int
    tones: tuple[Tone, ...] = ()
    scale: float = 1.0
    bracket: tuple[int, ...] | None = None
    fused: tuple[int, ...] | None = None
    whole: bool = False

    def reach(self, patch_size: int) -> int:
        """Side of the part of the scene that makes a patch of this size."""
        return round(patch_size / self.scale)

    def place(self, patch_size: int) -> tuple[slice, slice]:
        """Rows and columns of that part."""
        if self.whole:
            return slice(None), slice(None)
        reach = self.reach(patch_size)
        return slice(self.top, self.top + reach), slice(self.left, self.left + reach)


class Share(NamedTuple):
    """What one rank reads for one step."""

    specs: list[PatchSpec]
    total: int  # patches of the step over all ranks
    counts: bool = True  # not for a rank without a patch of its own, which computes along on another's


class SceneSize(NamedTuple):
    """Number of exposures that a scene uses, its height and width, and its group."""

    exposures: int
    height: int
    width: int
    group: str = ""
