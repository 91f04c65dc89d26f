"""Patches from the cache beside decoding JPEG for every patch, and the loader beside the step that it feeds.

python -m benchmarks.data [--megapixels 12] [--rounds 5] [--width 0.25] [--patch 250] [--batch 4]
"""

import argparse
import os
import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from benchmarks.measuring import note, photographs, ratio, table, take_turns, typical
from hdr_lightning.blending import WeightedSum
from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.data.patches import Batch
from hdr_lightning.fusers import VGG
from hdr_lightning.fusion import Fusion
from hdr_lightning.gammas import CueGamma
from hdr_lightning.levels import to_float
from hdr_lightning.losses import WeightedSSIMLoss

SCENES = 4


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--patch", type=int, default=250)
    parser.add_argument("--batch", type=int, default=4)
    args = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder, "photographs"), Path(folder, "cache")
        for number in range(SCENES):
            note(f"Writing scene {number + 1} of {SCENES}")
            photographs(root / str(number), args.megapixels, seed=number)
        read(root, cache, args)
        keep_ahead(root, cache, args)


def read(root: Path, folder: Path, args: argparse.Namespace) -> None:
    """The same patches from the cache, warm and cold, and from the JPEG files."""
    data = module(root, folder, args.patch, SCENES)
    data.prepare_data()
    loader = data.train_dataloader()
    dataset, wanted = loader.dataset, next(iter(loader.sampler))
    files = {scene.name: scene.files for scene in data.train_scenes}
    names = dataset[wanted].names

    def decode() -> Tensor:
        return torch.stack([decoded(files, name, args.patch) for name in names])

    if not torch.equal(dataset[wanted].exposures, decode()):
        raise SystemExit("Expected the same patches from the cache as from the files")
    note("Reading patches")
    costs = take_turns(
        {
            "JPEG, decoded for every patch": decode,
            "cache, from the disk": lambda: (forget(folder / "stacks"), dataset[wanted]),
            "cache": lambda: dataset[wanted],
        },
        args.rounds,
    )
    rows, (peer, *_) = [], costs.values()
    for name, spent in costs.items():
        faster = ratio(peer, spent)
        rows.append([name, f"{SCENES / typical(spent).cpu:.0f}", f"{faster.cpu:.0f}", f"{faster.wall:.0f}"])
    title = f"Patches of {args.patch} x {args.patch}, two exposures of {args.megapixels:g} megapixels"
    table(title, ["read from", "patches a second of one core", "times as fast", "by the clock"], rows)


def module(root: Path, folder: Path, patch: int, batch: int, **options: Any) -> SceneDataModule:
    """The data of a run on random patches, all scenes to train."""
    return SceneDataModule(
        [{"layout": "folder", "root": str(root)}],
        val_fraction=0.0,
        test_fraction=0.0,
        patch_size=patch,
        patches="random",
        patches_per_epoch=100 * batch,
        batch_size=batch,
        cache_dir=str(folder),
        **options,
    )


def decoded(files: dict[str, tuple[Path, ...]], name: str, side: int) -> Tensor:
    """The patch `scene[top,left]` as a loader without a cache reads it: decode all, keep a small part."""
    scene, *corner = re.split(r"[\[,\]]", name)[:3]
    rows, columns = (slice(int(start), int(start) + side) for start in corner)
    whole = sorted((cv2.imread(str(file)) for file in files[scene]), key=lambda pixels: float(pixels.mean()))
    return to_float(np.stack([pixels[rows, columns, ::-1] for pixels in whole]))


def forget(folder: Path) -> None:
    """Let the system drop the files from its memory, so that they are read from the disk."""
    for file in folder.iterdir():
        held = os.open(file, os.O_RDONLY)
        os.posix_fadvise(held, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(held)


def keep_ahead(root: Path, folder: Path, args: argparse.Namespace) -> None:
    """A batch from the loader beside the step that it is for."""
    fusion, loss = Fusion(VGG(args.width), WeightedSum()), WeightedSSIMLoss(CueGamma())
    optimizer = torch.optim.Adam(fusion.parameters())

    def step(batch: Batch) -> None:
        optimizer.zero_grad()
        loss(fusion.blend(batch.exposures)[0], batch.exposures)["loss"].backward()
        optimizer.step()

    loaders = {
        workers: module(
            root, folder, args.patch, args.batch, augment=True, num_workers=workers
        ).train_dataloader()
        for workers in (0, 1)
    }
    streams = {workers: cycled(loader) for workers, loader in loaders.items()}
    batch = next(streams[0])
    ways = {f"next batch, {workers} workers": partial(next, stream) for workers, stream in streams.items()}
    note("Loading and stepping in turn")
    costs = take_turns({"step": partial(step, batch), **ways}, args.rounds)
    rows = [
        [name, f"{1000 * typical(spent).wall:.1f}", f"{100 * ratio(spent, costs['step']).wall:.2f}"]
        for name, spent in costs.items()
    ]
    title = (
        f"Waiting for a batch of {args.batch} augmented patches, "
        f"step of `width={args.width}` on {torch.get_num_threads()} threads"
    )
    table(title, ["what", "milliseconds", "% of the step"], rows)


def cycled(loader: DataLoader[Batch]) -> Iterator[Batch]:
    while True:
        yield from loader


if __name__ == "__main__":
    main()
