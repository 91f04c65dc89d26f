"""Every method on every scene: fused images and scores in a folder that later evaluations add to."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from torch import Tensor

from hdr_lightning.data.patches import CachedScenes
from hdr_lightning.data.splits import SPLITS, scenes_of, sources_from, split_by_file, split_by_group
from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.cost import Cost
from hdr_lightning.evaluation.report import embed_pictures, write_report
from hdr_lightning.evaluation.results import ResultFolder, Table, Values, read_published, write_scores
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.tiling import fuse_in_tiles
from hdr_lightning.imaging.reading import to_float
from hdr_lightning.metrics.registry import METRICS, scores
from hdr_lightning.networks.method import Method, resolve
from hdr_lightning.scenes import Scene, demo
from hdr_lightning.scenes.cache import CacheError, StackCache, default_cache_dir

WARM_UP = 64
"""Side of the crop on which a method runs once before its time counts."""


def evaluate(config: dict[str, Any]) -> list[str]:
    """Score every method on every scene and write ``scores.csv`` and ``report.html``.

    Args:
        config: The resolved configuration of ``conf/evaluate.yaml`` as plain types.

    Returns:
        A line for each scene and method that failed; the others are done all the same.

    Raises:
        InputError: The methods, the data or the folder cannot be used at all.
    """
    names, data, output = config["methods"], config["data"], Path(config["output"])
    if not names or len(set(names)) < len(names):
        raise InputError(f"methods: Expected at least one, and each once. Got {names}")
    device = _device(config["device"])
    methods = {name: resolve(name).to(device) for name in names}
    cache_dir = Path(data["cache_dir"]).expanduser() if data["cache_dir"] else default_cache_dir()
    scenes = choose_scenes(data, cache_dir / demo.FOLDER)
    file = config["published"]
    published = read_published(Path(file).expanduser(), [scene.name for scene in scenes]) if file else {}
    folder = ResultFolder(output, methods, [scene.name for scene in scenes])
    stacks = StackCache(cache_dir / "stacks", data["cache_gb"])
    table, failures = score_all(methods, scenes, stacks, folder, device)
    write_scores(output / "scores.csv", table)
    pictures = embed_pictures(scenes, table, folder, stacks)
    write_report(output / "report.html", table, published, pictures, failures)
    _print_ranking(table, output)
    return failures


def choose_scenes(data: dict[str, Any], demo_root: Path) -> list[Scene]:
    """The scenes of the sources, or those of one split of them.

    Raises:
        InputError: The data cannot be used, or the split is empty.
    """
    found = scenes_of(sources_from(data["sources"], "sources"), demo_root)
    if data["split"] == "all":
        return [scene for _, scene in found]
    if data["split_file"]:
        splits = split_by_file(found, Path(data["split_file"]).expanduser())
    else:
        splits = split_by_group(found, data["val_fraction"], data["test_fraction"])
    scenes = splits[SPLITS.index(data["split"])]
    if not scenes:
        raise InputError(f"data.split: Expected scenes in the split {data['split']}. Got none")
    return scenes


def score_all(
    methods: dict[str, Fusion],
    scenes: list[Scene],
    stacks: StackCache,
    folder: ResultFolder,
    device: torch.device,
) -> tuple[Table, list[str]]:
    """Score what the folder does not hold yet; a scene or method that fails does not stop the others.

    Returns:
        The values by method and scene, and a line for each failure.
    """
    networks = {name: _network(name) for name in methods}
    keys = {
        (name, scene.name): _key([name, network, device.type], scene, stacks)
        for name, network in networks.items()
        for scene in scenes
    }
    known = {pair: folder.load(*pair, key) for pair, key in keys.items()}
    todo = {scene: [name for name in methods if known[name, scene.name] is None] for scene in scenes}
    failures = _decode([scene for scene in scenes if todo[scene]], stacks)
    pending = [(scene, todo[scene]) for scene in scenes if todo[scene] and scene.name not in failures]
    lines = [f"{scene}: {reason}" for scene, reason in failures.items()]
    warm: set[str] = set()
    for scene, name, exposures, reference in _exposed(pending, stacks, device):
        try:
            if name not in warm:
                score(methods[name], exposures[..., :WARM_UP, :WARM_UP])
                warm.add(name)
            values, image = score(methods[name], exposures, reference)
            folder.store(name, scene.name, keys[name, scene.name], values, image)
            known[name, scene.name] = values
        except Exception as error:
            lines.append(f"{scene.name}, {name}: {_reason(error)}")
    return {pair: values for pair, values in known.items() if values is not None}, lines


def score(fusion: Fusion, exposures: Tensor, reference: Tensor | None = None) -> tuple[Values, Tensor]:
    """Fuse one scene (1, K, 3, H, W) and score the image as an 8-bit file holds it, also beside a reference.

    Returns:
        The values, and the fused image (3, H, W) in [0, 1].
    """
    with torch.inference_mode():
        with Cost(exposures.device) as cost:
            fused = fuse_in_tiles(fusion, exposures)
        image = fused.image.mul(255).round().div(255)
        values: Values = scores(image, exposures, reference)
    values |= {"outside": fused.outside.item(), "seconds": cost.seconds, "memory_mb": cost.memory_mb}
    return values, image[0]


def _decode(scenes: list[Scene], stacks: StackCache) -> dict[str, str]:
    """Fill the cache; returns why a scene cannot be read."""
    with suppress(Exception):  # all at once, with one progress bar; whose fault it is comes out below
        stacks.build([stack for scene in scenes for stack in scene.stacks])
    failures = {}
    for scene in scenes:
        try:
            stacks.build(scene.stacks)
            if scene.reference:
                CachedScenes([scene], stacks).read_reference(0, rows=slice(1))
        except CacheError:  # which no other scene would escape
            raise
        except Exception as error:
            failures[scene.name] = _reason(error)
    return failures


def _exposed(
    pending: list[tuple[Scene, list[str]]], stacks: StackCache, device: torch.device
) -> Iterator[tuple[Scene, str, Tensor, Tensor | None]]:
    """Every scene and method that is to be scored, with exposures and reference, behind a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("Evaluating", total=sum(len(names) for _, names in pending))
        for scene, names in pending:
            held = CachedScenes([scene], stacks)
            exposures = to_float(held.read(0))[None].to(device)
            reference = to_float(held.read_reference(0))[None].to(device) if scene.reference else None
            for name in names:
                progress.update(task, description=f"{escape(scene.name)}: {escape(name)}")
                yield scene, name, exposures, reference
                progress.advance(task)


def _key(method: list[str | None], scene: Scene, stacks: StackCache) -> str:
    """Changes with everything that the scores depend on."""
    entries = [stacks.entry(stack).name for stack in scene.stacks]
    parts = [method, entries, scene.pick, list(METRICS), _code()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _network(name: str) -> str | None:
    """A hash of the checkpoint that a method reads."""
    checkpoint = Method.parse(name).checkpoint
    return hashlib.sha256(checkpoint.read_bytes()).hexdigest() if checkpoint else None


@cache
def _code() -> str:
    """A hash of this package's source and weights: no change of a method or metric is ever overlooked."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted([*package.rglob("*.py"), *package.rglob("*.safetensors")]):
        digest.update(str(file.relative_to(package)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
    return kind + (str(error).splitlines() or ["no message"])[0]


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device: Expected a machine with CUDA for device=cuda. Got none")
    return torch.device(name)


def _print_ranking(table: Table, output: Path) -> None:
    """The means over the scenes, best first, and where everything lies."""
    shown = ["mef_ssim", "chroma_kept", "clipped", "psnr", "ciede2000", "colourfulness_ratio", "seconds"]
    rows = {}
    for name in dict.fromkeys(method for method, _ in table):
        scored = [values for (method, _), values in table.items() if method == name]
        rows[name] = [_mean(values[column] for values in scored) for column in shown]
    printed = RichTable(title="Means over the scenes (mef_ssim: official, Ma 2015)", title_justify="left")
    printed.add_column("method", overflow="fold")
    for column in shown:
        printed.add_column(column, justify="right", no_wrap=True)
    for name, means in sorted(rows.items(), key=lambda row: -(row[1][0] or 0.0)):
        printed.add_row(escape(name), *("" if value is None else f"{value:.4f}" for value in means))
    console = Console()
    console.print(printed)
    for file, what in (
        ("report.html", "open it in a browser"),
        ("scores.csv", "every number"),
        ("images", "the fused images"),
    ):
        console.print(f"  {output / file}  {what}", highlight=False, soft_wrap=True, markup=False)


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return mean(known) if known else None
