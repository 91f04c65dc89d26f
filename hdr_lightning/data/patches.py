"""Scenes in the cache -> batches: patches to train on, whole scenes to score."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from hdr_lightning.data.specs import PatchSpec, SceneSize, Share, Tone
from hdr_lightning.errors import InputError
from hdr_lightning.levels import to_float
from hdr_lightning.scenes import Scene
from hdr_lightning.scenes.cache import StackCache

SMALL_SCENES = ("pad", "refuse")


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        exposures: (B, K, 3, H, W) float32 in [0, 1], dark to bright.
        names: Of the B entries: a scene, or `scene[top,left]` for a patch of it. None for a single patch
            that does not count, see `sampling.Share`.
        total: Patches of this step over all ranks.
        reference: (B, 3, H, W) float32 in [0, 1], what to train towards, where a loss asks for it.
        bracket: (B, N, 3, H, W) float32 in [0, 1], all exposures, where only a part of them is to be fused.
    """

    exposures: Tensor
    names: list[str]
    total: int = 1
    reference: Tensor | None = None
    bracket: Tensor | None = None

    def only(self, index: int) -> Self:
        """One entry, as a batch of its own."""
        own = slice(index, index + 1)
        reference = None if self.reference is None else self.reference[own]
        bracket = None if self.bracket is None else self.bracket[own]
        return self._replace(
            exposures=self.exposures[own], names=self.names[own], reference=reference, bracket=bracket
        )


class CachedScenes:
    """Scenes read through the cache; nothing is kept open, so their number and size do not matter.

    Args:
        scenes: The scenes, in the order of the indices below.
        cache: Where their decoded exposures lie.
    """

    def __init__(self, scenes: Sequence[Scene], cache: StackCache):
        self.scenes = list(scenes)
        self._cache = cache

    def size(self, index: int) -> SceneSize:
        """The size of a scene, from the header of its cache entry."""
        scene = self.scenes[index]
        count, height, width, _ = self._cache.open(scene.files).shape
        return SceneSize(count if scene.pick is None else len(scene.pick), height, width, scene.group)

    def read(self, index: int, rows: slice = slice(None), columns: slice = slice(None)) -> np.ndarray:
        """A copy of a part of a scene: the exposures that it picks, (K, h, w, 3), uint8 or uint16."""
        scene = self.scenes[index]
        stack = self._cache.open(scene.files)
        picked = range(len(stack)) if scene.pick is None else scene.pick
        return np.stack([stack[k, rows, columns] for k in picked])

    def read_reference(
        self, index: int, rows: slice = slice(None), columns: slice = slice(None)
    ) -> np.ndarray:
        """A copy of a part of the reference of a scene, (h, w, 3), uint8 or uint16.

        Raises:
            InputError: There is none, or it is not of the size of its exposures.
        """
        scene = self.scenes[index]
        if scene.reference is None:
            raise missing_reference(scene)
        reference, size = self._cache.open((scene.reference,))[0], self.size(index)
        if reference.shape[:2] != (size.height, size.width):
            height, width = reference.shape[:2]
            raise InputError(
                f"Expected a reference of the size of its exposures, {size.width} x {size.height}. "
                f"Got {scene.reference} with {width} x {height}"
            )
        return np.array(reference[rows, columns])


class PatchDataset(Dataset[Batch]):
    """Reads the patches that a `PatchSampler` has chosen; decides nothing itself.

    Scenes smaller than a patch are continued by reflection at their lower and right side.

    Args:
        scenes: The scenes that the specs count.
        patch_size: Side of a patch.
        small_scenes: `pad`, or `refuse` a scene that is smaller than a patch.
        references: Serve the patch of the reference too; its tones are its own.

    Raises:
        InputError: A small scene where those are refused, or no reference, or one of another size.
    """

    def __init__(
        self, scenes: CachedScenes, patch_size: int, small_scenes: str = "pad", references: bool = False
    ):
        self._scenes, self._patch_size, self._references = scenes, patch_size, references
        self.sizes = [scenes.size(index) for index in range(len(scenes.scenes))]
        if small_scenes not in SMALL_SCENES:
            raise InputError(
                f"Expected data.small_scenes out of {', '.join(SMALL_SCENES)}. Got {small_scenes!r}"
            )
        for index, (scene, size) in enumerate(zip(scenes.scenes, self.sizes, strict=True)):
            if small_scenes == "refuse" and min(size.height, size.width) < patch_size:
                raise InputError(
                    f"Expected scenes of at least {patch_size} x {patch_size} (data.patch_size). "
                    f"Got {scene.name} with {size.width} x {size.height}: data.small_scenes=pad accepts it"
                )

            if references:
                scenes.read_reference(index, rows=slice(1))

    def __getitem__(self, share: Share) -> Batch:
        patches = torch.stack([to_float(self._patch(spec)) for spec in share.specs])
        names = [f"{self._scenes.scenes[spec.scene].name}[{spec.top},{spec.left}]" for spec in share.specs]
        references = [to_float(self._reference(spec)) for spec in share.specs if self._references]
        reference = torch.stack(references) if references else None
        batch = Batch(patches, names if share.counts else [], share.total, reference)
        first = share.specs[0]
        if first.bracket is None or first.fused is None:
            return batch
        return batch._replace(
            exposures=patches[:, list(first.fused)], bracket=patches[:, list(first.bracket)]
        )

    def _patch(self, spec: PatchSpec) -> np.ndarray:
        return self._fitted(self._scenes.read(spec.scene, *spec.place(self._patch_size)), spec)

    def _reference(self, spec: PatchSpec) -> np.ndarray:
        pixels = self._scenes.read_reference(spec.scene, *spec.place(self._patch_size))
        return self._fitted(pixels[None], spec._replace(tones=()))[0]

    def _fitted(self, pixels: np.ndarray, spec: PatchSpec) -> np.ndarray:
        """Pixels (K, h, w, 3) scaled, continued, toned and turned as the spec says."""
        side = self._patch_size
        if spec.scale < 1 or spec.whole:
            shrunk = (max(round(length * spec.scale), 1) for length in pixels.shape[2:0:-1])
            size = (side, side) if spec.whole else tuple(shrunk)
            pixels = np.stack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in pixels])
        below, beside = side - pixels.shape[1], side - pixels.shape[2]
        if below or beside:
            pixels = np.pad(pixels, ((0, 0), (0, below), (0, beside), (0, 0)), mode="reflect")
        if spec.tones:
            pixels = np.stack([_toned(*each) for each in zip(pixels, spec.tones, strict=True)])
        pixels = np.rot90(pixels, spec.turn % 4, axes=(1, 2))
        return pixels[:, :, ::-1] if spec.turn >= 4 else pixels


def missing_reference(scene: Scene) -> InputError:
    """What is wrong with a scene that a loss cannot train on."""
    return InputError(
        f"Expected a reference for every training scene, as the loss needs it. Got none for {scene.name}"
    )


def _toned(pixels: np.ndarray, tone: Tone) -> np.ndarray:
    """The pixels with a tone, rounded to their own depth as a camera would."""
    top = np.iinfo(pixels.dtype).max
    values = np.linspace(0, tone.gain, top + 1).clip(0, 1) ** tone.gamma
    table: np.ndarray = (values * top).round().astype(pixels.dtype)
    return table[pixels]


class WholeSceneDataset(Dataset[Batch]):
    """Whole scenes, one a batch."""

    def __init__(self, scenes: CachedScenes):
        self._scenes = scenes

    def __len__(self) -> int:
        return len(self._scenes.scenes)

    def __getitem__(self, index: int) -> Batch:
        return Batch(to_float(self._scenes.read(index))[None], [self._scenes.scenes[index].name])
