"""Data sets -> batches for every stage of a Lightning run: patches to train on, whole scenes to score."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.trainer.states import TrainerFn
from torch.utils.data import DataLoader

from hdr_lightning.data.loading import PatchLoader
from hdr_lightning.data.patches import (
    Batch,
    CachedScenes,
    PatchDataset,
    WholeSceneDataset,
    missing_reference,
)
from hdr_lightning.data.sampling import PatchSampler, SamePatchSampler, SceneSampler
from hdr_lightning.data.specs import SceneSize
from hdr_lightning.data.splits import (
    Splits,
    refuse_overlap,
    scenes_for,
    scenes_of,
    sources_from,
    split_by_file,
    split_by_group,
)
from hdr_lightning.errors import InputError
from hdr_lightning.scenes import Scene, demo
from hdr_lightning.scenes.cache import StackCache, default_cache_dir
from hdr_lightning.shared_memory import require_shared_memory

_BYTES = 3 * 4  # of a pixel: three floats
_PREFETCHED = 2  # batches of a worker, as many as torch has by default


class SceneDataModule(L.LightningDataModule):
    """The scenes of one or several data sets, split by scene, cached, and served as `Batch`.

    The samplers know rank and world size, so the trainer needs `use_distributed_sampler=False`.

    Args:
        sources: Data sets to split, each `{layout, root, exposures}` (see `splits.Source`).
        val_sources: Data sets to choose the best epoch on; None for a part of `sources`.
        test_sources: Data sets to measure on; None for a part of `sources`.
        split_file: CSV file that tells the split of each scene of `sources`; None for the fractions.
        val_fraction: Part of the groups of `sources` to validate on.
        test_fraction: Part of the groups of `sources` to test on.
        patch_size: Side of a training patch.
        patches: `grid` or `random`.
        stride: Of the grid; None for `patch_size`.
        patches_per_epoch: Over all ranks; None for as many as the grid has.
        augment: Flip and turn patches.
        tone_jitter: How far to brighten, darken and bend the exposures of patches, from 0 to 1, see
            `sampling.PatchSampler`.
        scale_jitter: How far to scale the scenes of patches down, from 0 to 1, see there.
        whole_scenes: Chance of a patch to be a whole scene, squeezed, see there.
        most_exposures: Train on random parts of a scene's exposures, from 2 to so many, see there; None for
            all of what the sources say.
        small_scenes: `pad` or `refuse` scenes smaller than a patch; those that are only scaled below it
            are padded.
        batch_size: Patches in a batch, over all ranks.
        num_workers: Processes that read; the patches do not depend on it.
        seed: Of the choice of patches. The split does not depend on it.
        cache_dir: Folder of the cache; None for `cache.default_cache_dir`.
        cache_gb: Limit of its size in GiB.
        references: Serve the references of training patches too: each training scene has to have one.

    Raises:
        InputError: Here or as soon as the scenes are looked for: whatever is wrong with them.
    """

    def __init__(
        self,
        sources: Sequence[Mapping[str, Any]],
        val_sources: Sequence[Mapping[str, Any]] | None = None,
        test_sources: Sequence[Mapping[str, Any]] | None = None,
        split_file: str | None = None,
        val_fraction: float = 0.1,
        test_fraction: float = 0.1,
        patch_size: int = 250,
        patches: str = "grid",
        stride: int | None = None,
        patches_per_epoch: int | None = None,
        augment: bool = False,
        tone_jitter: float = 0.0,
        scale_jitter: float = 0.0,
        whole_scenes: float = 0.0,
        most_exposures: int | None = None,
        small_scenes: str = "pad",
        batch_size: int = 64,
        num_workers: int = 0,
        seed: int = 0,
        cache_dir: str | None = None,
        cache_gb: float = 20.0,
        references: bool = False,
    ):
        super().__init__()
        self._sources = sources_from(sources, "sources")
        self._val_sources = None if val_sources is None else sources_from(val_sources, "val_sources")
        self._test_sources = None if test_sources is None else sources_from(test_sources, "test_sources")
        self._split_file = Path(split_file).expanduser() if split_file else None
        self._val_fraction = val_fraction if val_sources is None else 0.0
        self._test_fraction = test_fraction if test_sources is None else 0.0
        self._patch_size, self._small_scenes, self._references = patch_size, small_scenes, references
        self._sampling: dict[str, Any] = {
            "patch_size": patch_size,
            "mode": patches,
            "stride": stride,
            "patches_per_epoch": patches_per_epoch,
            "batch_size": batch_size,
            "augment": augment,
            "tone_jitter": tone_jitter,
            "scale_jitter": scale_jitter,
            "whole_scenes": whole_scenes,
            "most_exposures": most_exposures,
            "seed": seed,
        }
        PatchSampler(
            [SceneSize(2, patch_size, patch_size, "")], **self._sampling
        )  # it refuses wrong settings
        if num_workers < 0:
            raise InputError(f"Expected data.num_workers of at least 0. Got {num_workers}")
        self._loading: dict[str, Any] = {
            "batch_size": None,
            "num_workers": num_workers,
            "persistent_workers": num_workers > 0,
            "pin_memory": torch.cuda.is_available(),
        }
        self._cache_dir = Path(cache_dir).expanduser() if cache_dir else default_cache_dir()
        self._cache = StackCache(self._cache_dir / "stacks", cache_gb)

    @property
    def train_scenes(self) -> list[Scene]:
        """Scenes whose patches train."""
        return self._splits.train

    @property
    def val_scenes(self) -> list[Scene]:
        """Scenes that choose the best epoch."""
        return self._splits.val

    @property
    def test_scenes(self) -> list[Scene]:
        """Scenes that are only measured."""
        return self._splits.test

    @property
    def exposures(self) -> list[int]:
        """The different numbers of exposures of the scenes that train, rising."""
        return sorted({len(scene.pick or scene.files) for scene in self.train_scenes}) or [2]

    def noise(self) -> Iterator[Batch]:
        """Patches of noise, one a batch, of the fewest and the most exposures that training patches have."""
        fewest, most, parts = self.exposures[0], self.exposures[-1], self._sampling["most_exposures"]
        if parts is not None:
            fewest, most = 2, min(most, parts)
        shape, chance = (1, most, 3, self._patch_size, self._patch_size), torch.Generator().manual_seed(0)
        bracket = torch.rand(shape, generator=chance).sort(dim=1).values
        for count in sorted({fewest, most}):
            batch = Batch(bracket[:, :count], ["noise"], bracket=None if parts is None else bracket)
            yield batch._replace(reference=bracket[:, 0]) if self._references else batch

    def prepare_data(self) -> None:
        """Decode what the coming stage needs and the cache lacks; runs in one process of a machine."""
        testing = self.trainer is not None and self.trainer.state.fn == TrainerFn.TESTING
        splits = [self.test_scenes] if testing else list(self._splits)
        references = [] if testing or not self._references else self.train_scenes
        stacks = [scene.files for split in splits for scene in split]
        self._cache.build(stacks + [(scene.reference,) for scene in references if scene.reference])

    def setup(self, stage: str) -> None:
        """Look for the scenes, if that has not happened yet.

        Raises:
            InputError: The stage has no scenes.
        """
        if stage == "fit" and not self.train_scenes:
            raise InputError(
                "Expected scenes to train on in data.sources. Got none, or only scenes to test on"
            )
        if stage == "test" and not self.test_scenes:
            raise InputError(
                "Expected scenes to test on. Got none: name data.test_sources or data.test_fraction"
            )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of patches, the same for every number of workers and in a resumed run."""
        dataset = PatchDataset(
            CachedScenes(self.train_scenes, self._cache),
            self._patch_size,
            self._small_scenes,
            self._references,
        )
        rank, world_size = self._place
        overfit = getattr(self.trainer, "overfit_batches", 0) > 0
        kind = SamePatchSampler if overfit else PatchSampler
        sampler = kind(dataset.sizes, **self._sampling, rank=rank, world_size=world_size)
        patches, exposures = sampler.largest
        images = exposures if self._sampling["most_exposures"] is None else 2 * exposures  # a part beside all
        pixels = patches * (images + self._references) * self._patch_size**2
        self._require_memory(pixels, len(sampler))
        return PatchLoader(dataset, done=self._done, sampler=sampler, **self._loading)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole validation scenes, one a batch."""
        return self._whole(self.val_scenes)

    def test_dataloader(self) -> DataLoader[Batch]:
        """Whole test scenes, one a batch."""
        return self._whole(self.test_scenes)

    def _whole(self, scenes: list[Scene]) -> DataLoader[Batch]:
        cached = CachedScenes(scenes, self._cache)
        dataset = WholeSceneDataset(cached)
        sizes = [cached.size(index) for index in range(len(scenes))]
        pixels = max((size.exposures * size.height * size.width for size in sizes), default=0)
        self._require_memory(pixels, len(scenes))
        return DataLoader(dataset, sampler=SceneSampler(len(scenes), *self._place), **self._loading)

    def _require_memory(self, pixels: int, count: int) -> None:
        """Refuse workers where what they read ahead of so many batches, of so many pixels, finds no room."""
        if workers := self._loading["num_workers"]:
            ahead = min(_PREFETCHED * workers + 1, count)
            require_shared_memory(f"data.num_workers={workers}", ahead * pixels * _BYTES)

    @property
    def _place(self) -> tuple[int, int]:
        """Rank of this process and number of processes."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def _done(self) -> int:
        """Batches of this epoch that are done."""
        return self.trainer.fit_loop.epoch_loop.batch_progress.current.ready if self.trainer else 0

    @cached_property
    def _splits(self) -> Splits:
        demo_root = self._cache_dir / demo.FOLDER
        found = scenes_of(self._sources, demo_root)
        if self._split_file:
            splits = split_by_file(found, self._split_file)
        else:
            splits = split_by_group(found, self._val_fraction, self._test_fraction)
        if self._val_sources is not None:
            splits = splits._replace(val=scenes_for(self._val_sources, "val", demo_root))
        if self._test_sources is not None:
            splits = splits._replace(test=scenes_for(self._test_sources, "test", demo_root))
        refuse_overlap(splits)
        for scene in splits.train if self._references else []:
            if scene.reference is None:
                raise missing_reference(scene)
        return splits
