"""Scores kept per scene, so that a scene that a distributed sampler repeats still counts once."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat


class PerSceneMetric(Metric):
    """Mean over distinct scenes of a score per image; the same number with one process and with many.

    A subclass gives `score`. The state is a flat list of scores and one of scene names, as the codes of
    zero-terminated text: any number of scenes, even none, may lie on each process. Both are float32, which
    torchmetrics takes for granted where a process has nothing to gather.
    """

    is_differentiable = False
    higher_is_better: bool | None = None  # each metric says
    full_state_update = False
    scores: list[Tensor]
    names: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.add_state("scores", default=[], dist_reduce_fx="cat")
        self.add_state("names", default=[], dist_reduce_fx="cat")

    def score(self, fused: Tensor, exposures: Tensor) -> Tensor:
        """Score of every image, shape (B,).

        Args:
            fused: (B, 3, H, W) in [0, 1].
            exposures: (B, K, 3, H, W) in [0, 1].
        """
        raise NotImplementedError

    def update(self, fused: Tensor, exposures: Tensor, names: Sequence[str] | None = None) -> None:
        """Score a batch and keep it under the names of its scenes.

        Args:
            fused: (B, 3, H, W) in [0, 1].
            exposures: (B, K, 3, H, W) in [0, 1].
            names: A scene name per image; a name that was seen before counts once, with its first score.
                Without names every image counts.

        Raises:
            ValueError: The number of names is not B, or the images cannot be scored; nothing is kept then.
        """
        keys = [""] * len(fused) if names is None else list(names)
        if len(keys) != len(fused):
            raise ValueError(f"Expected a scene name for each of {len(fused)} images. Got {len(keys)}")
        scores = self.score(fused, exposures).detach().float()
        text = "".join(f"{key}\0" for key in keys).encode()
        self.names.append(torch.tensor(list(text), dtype=torch.float32, device=fused.device))
        self.scores.append(scores)

    def compute(self) -> Tensor:
        """Mean over distinct scenes, a float32 scalar; NaN before the first update."""
        scores = list(self._table().values())
        return torch.stack(scores).mean() if scores else torch.tensor(torch.nan, device=self.device)

    def per_scene(self) -> dict[str, float]:
        """Score of every distinct scene by name, over all processes: each of them has to call it.

        Images without a name appear as "#0", "#1", ... in the order in which they came.
        """
        with self.sync_context(should_sync=not self._is_synced, should_unsync=not self._is_synced):
            return {name: score.item() for name, score in self._table().items()}

    def _table(self) -> dict[str, Tensor]:
        if not len(self.scores):
            return {}
        scores = dim_zero_cat(self.scores)
        names = bytes(dim_zero_cat(self.names).byte().tolist()).decode().split("\0")[:-1]
        table: dict[str, Tensor] = {}
        for index, (name, score) in enumerate(zip(names, scores.unbind(), strict=True)):
            table.setdefault(name or f"#{index}", score)
        return table
