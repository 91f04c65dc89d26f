"""Steps of a fusion that are remembered, so that moving a slider costs only what it changes."""

from collections.abc import Callable, Hashable
from typing import Self

from torch import Tensor

from hdr_lightning.blending.pyramid import Weights
from hdr_lightning.brackets import remembered
from hdr_lightning.fusers import Fuser


class RememberedSteps(remembered.RememberedSteps):
    """What the last look at a bracket has read, aligned and weighed."""

    def __init__(self) -> None:
        super().__init__()
        self._weights = remembered.Remembered()

    def weighing(self, fuser: Fuser, key: Hashable) -> Fuser:
        """A fuser that weighs what was agreed last once for every key."""
        return _Weighing(fuser, lambda work: self._weights((key, self._of), work))


class _Weighing(Fuser):
    def __init__(self, fuser: Fuser, once: Callable[[Callable[[], Weights]], Weights]) -> None:
        super().__init__()
        self.fuser, self._once = fuser, once
        self.blending, self.exposures = fuser.blending, fuser.exposures

    def reduced_from(self, pixels: int) -> Self:
        # what was agreed last, and so the files and their size, is part of the key
        return type(self)(self.fuser.reduced_from(pixels), self._once)

    def forward(self, exposures: Tensor) -> Weights:
        return self._once(lambda: self.fuser(exposures))
