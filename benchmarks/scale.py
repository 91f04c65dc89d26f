"""Training on more photographs than one wants to keep in memory: start-up and memory of whole runs.

    python -m benchmarks.scale [--gigabytes 3] [--megapixels 12] [--steps 200]

Generated scenes, deleted afterwards; every run is a process of its own. Small patches from everywhere touch a
large part of the cache. Two kinds of memory are told apart: what the process itself holds (anonymous pages),
and that with what the system maps of the cache for it, and takes back whenever it likes.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import lightning as L

from benchmarks.measuring import alone, memory, note, photographs, table
from benchmarks.running import composed, run

DISTINCT = 4
SMALL = (
    *("data=folder", "data.patches=random", "data.patch_size=64", "data.batch_size=16", "data.augment=true"),
    *("data.val_fraction=0", "data.test_fraction=0", "model.width=0.0625", "trainer=cpu", "logger=csv"),
    *("trainer.max_epochs=1", "data.cache_gb=1000"),
)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=3, help="of the cache")
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--folder", help="where it all goes; default: the system's folder of temporary files")
    parser.add_argument("--child", nargs=2, type=Path, metavar=("ROOT", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.child:
        print(json.dumps(trained(*args.child, args.steps)))
        return
    count = max(4, round(args.gigabytes * 1e3 / (6 * args.megapixels)))
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        write(folder, count, args.megapixels)
        quarter, first, second = (
            measured(folder, root, steps, start)
            for root, steps, start in (
                ("quarter", 1, "first"),
                ("whole", args.steps, "first"),
                ("whole", args.steps, "second"),
            )
        )
        held = sum(file.stat().st_size for file in (folder / "cache").rglob("*.npy")) / 2**30
    parts = count // 4
    rows = [
        [f"first, {parts} scenes", f"{quarter['start']:.1f}", f"{1000 * quarter['start'] / parts:.0f}"],
        [f"first, {count} scenes", f"{first['start']:.1f}", f"{1000 * first['start'] / count:.0f}"],
        [f"second, {count} scenes", f"{second['start']:.1f}", f"{1000 * second['start'] / count:.0f}"],
    ]
    title = f"Start of training, pairs of {args.megapixels:g} megapixels, {held:.1f} GiB in the cache"
    table(title, ["start", "seconds to the first step", "milliseconds a scene"], rows)
    flat = [["first", *profile(first)], ["second", *profile(second)]]
    kinds = ("own memory", "with maps of the cache", "peak of all")
    table(f"MB over {args.steps} steps: early, late", ["start", *kinds], flat)
    for told in (first, second):
        early, late = quarters(told["own"])
        if late > 1.05 * early:
            raise SystemExit(f"Expected flat memory. Got {early:.0f} MB and later {late:.0f} MB")


def write(folder: Path, count: int, megapixels: float) -> None:
    """A few distinct scenes, copied under many names: the cache knows them by their names."""
    for number in range(DISTINCT):
        photographs(folder / "distinct" / str(number), megapixels, seed=number)
    for root, scenes in (("quarter", count // 4), ("whole", count)):
        for number in range(scenes):
            note(f"Writing {root}: scene {number + 1} of {scenes}") if not number % 10 else None
            shutil.copytree(folder / "distinct" / str(number % DISTINCT), folder / root / f"scene_{number}")


def measured(folder: Path, root: str, steps: int, start: str) -> dict[str, Any]:
    note(f"Training on {root}, {start} start")
    child = ("--child", str(folder / root), str(folder), "--steps", str(steps))
    told: dict[str, Any] = alone("benchmarks.scale", *child)
    shutil.rmtree(folder / "run")
    return told


class Spectator(L.Callback):
    """Notes when training starts, and the memory at every step."""

    def __init__(self) -> None:
        self.born = time.perf_counter()
        self.told: dict[str, Any] = {"own": [], "all": []}

    def on_train_batch_start(self, *_: Any) -> None:
        self.told.setdefault("start", time.perf_counter() - self.born)

    def on_train_batch_end(self, *_: Any) -> None:
        self.told["own"].append(memory("Anonymous"))
        self.told["all"].append(memory("Rss"))


def trained(root: Path, folder: Path, steps: int) -> dict[str, Any]:
    data = (f"data.root={root}", f"data.cache_dir={folder / 'cache'}", f"data.patches_per_epoch={16 * steps}")
    config, spectator = composed(*SMALL, *data), Spectator()
    run(config, folder, spectator)
    return spectator.told | {"peak": memory()}


def quarters(values: list[float]) -> tuple[float, float]:
    """The medians of the second quarter of the steps and of the last."""
    part = len(values) // 4
    return median(values[part : 2 * part]), median(values[-part:])


def profile(told: dict[str, Any]) -> list[str]:
    pairs = (quarters(told[kind]) for kind in ("own", "all"))
    return [*(f"{early:.0f}, {late:.0f}" for early, late in pairs), f"{told['peak']:.0f}"]


if __name__ == "__main__":
    main()
