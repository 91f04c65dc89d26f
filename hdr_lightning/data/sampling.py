"""Which patches and scenes make up an epoch, and which rank sees them: chance without any pixels."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler, SequentialSampler

from hdr_lightning.data.chance import cycle, grid, part_of, shares
from hdr_lightning.data.specs import PatchSpec, SceneSize, Share, Tone
from hdr_lightning.errors import InputError

PATCH_MODES = ("grid", "random")


class PatchSampler(Sampler[Share]):
    """Draws the patches of an epoch, one rank's share of a batch at a time.

    For a `DataLoader(batch_size=None)`.

    All chance is here and depends on seed and epoch alone, so neither the number of workers or ranks nor a
    resumed run changes it: every step the ranks share the batch of one process, each patch once.
    Scenes with different numbers of exposures never meet in a batch.

    Args:
        sizes: Of each scene.
        patch_size: Side of a patch.
        mode: `grid` shuffles the patches of a regular grid that reaches the last row and column;
            `random` draws corners anywhere, equally often from each group of scenes, whatever the size of
            the images, so that the 36 pairs of a bracket of nine do not crowd out a bracket of two.
        stride: Distance of the grid's patches; None for patches side by side.
        patches_per_epoch: How many to draw of them over all ranks; None for as many as the grid has.
        batch_size: Patches in a batch of all ranks together.
        augment: Also flip and turn by quarters.
        tone_jitter: How far to brighten, darken and bend each exposure, in units of the logarithm of its
            values: each patch draws a strength s up to it, each exposure a gain e^U(-s, s) and a gamma
            e^N(0, s / 2), of which the patch has one more for all. So exposures that are nearly as bright may
            change their order.
        scale_jitter: How far, at most, to scale the scene of a patch down, in units of the logarithm of its
            size: each patch draws a scale e^-U(0, jitter), but none that leaves less than half a patch of
            the scene. For `random`.
        whole_scenes: Chance of a patch to be a whole scene, squeezed into the patch, for what has to be
            decided from the whole of it, such as brightness. For `random`; smaller scenes stay as they are.
        most_exposures: Train on random parts of a scene's exposures, from 2 to so many of them: of ten
            batches four see the darkest and the brightest, three all (evenly thinned if they are more), three
            any. The same for all patches of a batch. None to fuse what the scenes have.
        seed: Of the choice.
        rank: Of this process.
        world_size: Number of processes.

    Raises:
        InputError: An unknown mode, a number that is not positive, or a batch too small for the ranks.
    """

    def __init__(
        self,
        sizes: Sequence[SceneSize],
        patch_size: int,
        mode: str = "grid",
        stride: int | None = None,
        patches_per_epoch: int | None = None,
        batch_size: int = 64,
        augment: bool = False,
        tone_jitter: float = 0.0,
        scale_jitter: float = 0.0,
        whole_scenes: float = 0.0,
        most_exposures: int | None = None,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ):
        if mode not in PATCH_MODES:
            raise InputError(f"Expected data.patches out of {', '.join(PATCH_MODES)}. Got {mode!r}")
        numbers = {"patch_size": patch_size, "stride": stride, "batch_size": batch_size}
        for name, value in (numbers | {"patches_per_epoch": patches_per_epoch}).items():
            if value is not None and value < 1:
                raise InputError(f"Expected data.{name} of at least 1. Got {value}")
        scaled = {"scale_jitter": scale_jitter, "whole_scenes": whole_scenes}
        for name, extent in ({"tone_jitter": tone_jitter} | scaled).items():
            if not 0 <= extent <= 1:
                raise InputError(f"Expected data.{name} between 0 and 1. Got {extent}")
        if most_exposures is not None and most_exposures < 2:
            raise InputError(f"Expected data.most_exposures of at least 2. Got {most_exposures}")
        for name, extent in scaled.items():
            if extent and mode != "random":
                raise InputError(f"Expected data.patches=random with data.{name}. Got {mode}")
        if batch_size < world_size:
            raise InputError(
                f"Expected data.batch_size of at least a patch for each of {world_size} processes. "
                f"Got {batch_size}"
            )
        self._sizes, self._patch_size, self._mode = list(sizes), patch_size, mode
        self._batch_size, self._augment, self._seed = batch_size, augment, seed
        self._tone_jitter, self._scale_jitter, self._whole = tone_jitter, scale_jitter, whole_scenes
        self._most = most_exposures
        self._rank, self._world_size = rank, world_size
        self.epoch, self.start = 0, 0  # what the next iteration draws, and from which batch on
        self._counts = counts = sorted({size.exposures for size in sizes})
        members = [[i for i, size in enumerate(sizes) if size.exposures == count] for count in counts]
        self._groups = [grid(sizes, group, patch_size, stride or patch_size) for group in members]
        available = [len(places) for places in self._groups]
        if mode == "random":
            patches_per_epoch = patches_per_epoch or sum(available)
            available = [len({sizes[i].group for i in group}) for group in members]
        self._shares = shares(available, patches_per_epoch)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration draws; Lightning calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        return sum(math.ceil(share / self._batch_size) for share in self._shares)

    @property
    def largest(self) -> tuple[int, int]:
        """Patches of this rank, and exposures of each, in the batch that holds most."""
        own = [math.ceil(min(share, self._batch_size) / self._world_size) for share in self._shares]
        return max(zip(own, self._counts, strict=True), key=math.prod)

    def __iter__(self) -> Iterator[Share]:
        random = np.random.default_rng([self._seed, self.epoch])
        batches: list[list[PatchSpec]] = []
        for places, share in zip(self._groups, self._shares, strict=True):
            drawn = self._draw(random, places, share)
            batches += [drawn[i : i + self._batch_size] for i in range(0, share, self._batch_size)]
        if self._most is not None:
            batches = [self._parts(random, batch, self._most) for batch in batches]
        for index in random.permutation(len(batches))[self.start :]:
            batch = batches[index]
            own = batch[self._rank :: self._world_size]
            # Batch normalisation over the ranks sees these too: each patch about as often.
            along = [batch[self._rank % len(batch)]]
            yield Share(own or along, len(batch), counts=bool(own))

    def _draw(self, random: np.random.Generator, places: np.ndarray, share: int) -> list[PatchSpec]:
        scales, whole = np.ones(share), np.zeros(share, dtype=bool)
        if self._mode == "grid":
            corners = places[cycle(random, len(places), share)]
        else:
            chosen = self._scenes(random, np.unique(places[:, 0]), share)
            sizes = np.array([self._sizes[i][1:3] for i in chosen]).reshape(-1, 2)
            if self._scale_jitter:
                smallest = np.minimum(self._patch_size / (2 * sizes.min(1)), 1)
                scales = np.exp(-random.uniform(0, self._scale_jitter, share)).clip(smallest)
            if self._whole:
                whole = (random.random(share) < self._whole) & (sizes.min(1) >= self._patch_size)
                scales = np.where(whole, 1, scales)
            room = sizes - np.rint(self._patch_size / scales).astype(int)[:, None]
            corners = np.column_stack([chosen, random.integers(0, np.maximum(room, 0) + 1) * ~whole[:, None]])
        turns = random.integers(8, size=share) if self._augment else np.zeros(share, dtype=int)
        rows = zip(np.column_stack([corners, turns]).tolist(), scales.tolist(), whole.tolist(), strict=True)
        specs = [PatchSpec(*row)._replace(scale=scale, whole=squeezed) for row, scale, squeezed in rows]
        if not self._tone_jitter:
            return specs
        return [spec._replace(tones=self._tones(random, self._sizes[spec.scene].exposures)) for spec in specs]

    def _parts(self, random: np.random.Generator, batch: list[PatchSpec], most: int) -> list[PatchSpec]:
        """The batch with the part of the exposures that is fused."""
        count = self._sizes[batch[0].scene].exposures
        bracket = tuple(np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist())
        fused = tuple(bracket[k] for k in part_of(random, len(bracket)))
        return [spec._replace(bracket=bracket, fused=fused) for spec in batch]

    def _tones(self, random: np.random.Generator, exposures: int) -> tuple[Tone, ...]:
        strength = random.uniform(0, self._tone_jitter)
        gains = np.exp(random.uniform(-strength, strength, exposures))
        gammas = np.exp(random.normal(0, strength / 2, exposures) + random.normal(0, strength / 2))
        return tuple(Tone(*tone) for tone in zip(gains.tolist(), gammas.tolist(), strict=True))

    def _scenes(self, random: np.random.Generator, scenes: np.ndarray, share: int) -> np.ndarray:
        """`share` of the scenes: the groups in turn, and in each group its scenes in turn."""
        names, group_of = np.unique([self._sizes[i].group for i in scenes], return_inverse=True)
        groups = cycle(random, len(names), share)
        chosen = np.empty(share, dtype=int)
        for group in range(len(names)):
            members, turns = scenes[group_of == group], groups == group
            chosen[turns] = members[cycle(random, len(members), int(turns.sum()))]
        return chosen


class SamePatchSampler(PatchSampler, SequentialSampler):  # type: ignore[misc]  # it yields shares
    """Draws the patches of the first epoch in every epoch, to see whether they can be learned at all.

    Lightning replaces samplers that are not sequential where `overfit_batches` is set.
    """

    def set_epoch(self, epoch: int) -> None:
        """Stay with the first one."""


class SceneSampler(SequentialSampler):
    """Deals each scene to one rank, the first to rank 0: it shows these for any number of ranks.

    Where there are fewer scenes than ranks, the others read the first along, because all have to meet at the
    end; scores are kept by the name of the scene, so it counts once.
    """

    def __init__(self, count: int, rank: int = 0, world_size: int = 1):
        dealt = np.array_split(np.arange(count), world_size)[rank].tolist()
        self._indices: list[int] = dealt or [0] * min(count, 1)

    def __len__(self) -> int:
        return len(self._indices)

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)
