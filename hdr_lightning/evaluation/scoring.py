"""Every method on every scene: fused images and scores in a folder that later evaluations add to."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn, track
from torch import Tensor

from hdr_lightning.data.patches import CachedScenes
from hdr_lightning.data.splits import SPLITS, scenes_of, sources_from, split_by_file, split_by_group
from hdr_lightning.errors import InputError
from hdr_lightning.evaluation import REPORT
from hdr_lightning.evaluation.code import of_code
from hdr_lightning.evaluation.contestants import Contestant, contestants
from hdr_lightning.evaluation.fingerprints import of_files, of_function, of_parts
from hdr_lightning.evaluation.report import embed_pictures, write_report
from hdr_lightning.evaluation.results import (
    COLUMNS,
    Keys,
    ResultFolder,
    Results,
    Values,
    read_published,
    write_scores,
)
from hdr_lightning.evaluation.tables import methods_table, write_tables
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.metrics.registry import METRICS, scores
from hdr_lightning.runs.folder import RECORD, SWEEP_RECORD
from hdr_lightning.scenes import Scene, demo
from hdr_lightning.scenes.cache import CacheError, StackCache, default_cache_dir
from hdr_lightning.tables.text import print_table

PRINTED = ("mef_ssim", "chroma_kept", "clipped", "psnr", "ciede2000")
"""The scores that the terminal has room for."""


def evaluate(config: dict[str, Any]) -> list[str]:
    """Score every method on every scene and write `scores.csv` and `report.html`.

    Args:
        config: The resolved configuration of `conf/evaluate.yaml` as plain types.

    Returns:
        A line for each scene and method that failed; the others are done all the same.

    Raises:
        InputError: The methods, the data or the folder cannot be used at all.
    """
    data, output, device = config["data"], Path(config["output"]), _device(config["device"])
    for record in (RECORD, SWEEP_RECORD):
        if (output / record).exists():
            raise InputError(f"output={output}: Expected a folder for an evaluation. Got one with {record}")
    cache_dir = Path(data["cache_dir"]).expanduser() if data["cache_dir"] else default_cache_dir()
    scenes = choose_scenes(data, cache_dir / demo.FOLDER)
    file = config["published"]
    published = read_published(Path(file).expanduser(), [scene.name for scene in scenes]) if file else {}
    entrants = contestants(config["methods"], [scene.name for scene in scenes], device)
    folder = ResultFolder(output, entrants, [scene.name for scene in scenes])
    stacks = StackCache(cache_dir / "stacks", data["cache_gb"])
    results, failures = score_all(entrants, scenes, stacks, folder, device)
    write_scores(output / "scores.csv", results)
    tables = write_tables(output, results, published, config["tables"])
    pictures = embed_pictures(scenes, results, folder, stacks)
    write_report(output / REPORT, results, published, pictures, failures)
    print_table(methods_table(results, {}, PRINTED), "Means over the scenes (MEF-SSIM: official, Ma 2015)")
    _print_files(output, tables)
    return failures


def choose_scenes(data: dict[str, Any], demo_root: Path) -> list[Scene]:
    """The scenes of the sources, or those of one split of them.

    Raises:
        InputError: The data cannot be used, or the split is empty.
    """
    every = scenes_of(sources_from(data["sources"], "sources"), demo_root)
    if data["split"] == "all":
        return [scene for _, scene in every]
    if data["split_file"]:
        splits = split_by_file(every, Path(data["split_file"]).expanduser())
    else:
        splits = split_by_group(every, data["val_fraction"], data["test_fraction"])
    scenes = splits[SPLITS.index(data["split"])]
    if not scenes:
        raise InputError(f"data.split: Expected scenes in the split {data['split']}. Got none")
    return scenes


def score_all(
    entrants: dict[str, Contestant],
    scenes: list[Scene],
    stacks: StackCache,
    folder: ResultFolder,
    device: torch.device,
) -> tuple[Results, list[str]]:
    """Score what the folder does not hold yet; a scene or method that fails does not stop the others.

    Returns:
        The values by method and scene, and a line for each failure.
    """
    keys = _keys(entrants, scenes)
    known = {pair: folder.load(*pair, wanted) for pair, wanted in keys.items()}
    lacking = {
        pair for pair, wanted in keys.items() if not (known[pair] or {}).keys() >= wanted.scores.keys()
    }
    todo = {scene: [name for name in entrants if (name, scene.name) in lacking] for scene in scenes}
    failures = _decode([scene for scene in scenes if todo[scene]], stacks)
    pending = [(scene, todo[scene]) for scene in scenes if todo[scene] and scene.name not in failures]
    lines = [f"{scene}: {reason}" for scene, reason in failures.items()]
    for scene, name, exposures, reference in _exposed(pending, stacks, device):
        pair = name, scene.name
        try:
            image, known_values = _image(pair, entrants[name], known[pair], folder, exposures)
            missing = [metric for metric in METRICS if metric not in known_values]
            values = known_values | scores(image, exposures, reference, missing)
            known[pair] = values = {column: values[column] for column in COLUMNS}
            folder.store(*pair, keys[pair], values)
            lacking.discard(pair)
        except Exception as error:
            lines.append(f"{scene.name}, {name}: {_reason(error)}")
    return {pair: values for pair, values in known.items() if values and pair not in lacking}, lines


@torch.inference_mode()
def _image(
    pair: tuple[str, str], entrant: Contestant, stored: Values | None, folder: ResultFolder, exposures: Tensor
) -> tuple[Tensor, Values]:
    """The image (1, 3, H, W) of a scene as an 8-bit file holds it, and what is known of it.

    It is made and kept unless the folder holds it.
    """
    if stored is not None:
        return to_float(read_image(folder.image(*pair)))[None].to(exposures.device), stored
    image, costs = entrant.image(pair[1], exposures)
    image = image.mul(255).round().div(255)
    folder.write_image(*pair, image[0])
    return image, costs


def _keys(entrants: dict[str, Contestant], scenes: list[Scene]) -> dict[tuple[str, str], Keys]:
    """What the results depend on, by method and scene."""
    codes = {name: of_function(info.function) for name, info in METRICS.items()}
    reading = of_code(CachedScenes.__module__)
    seen, wanted = {}, {}
    for scene in track(scenes, "Looking for changes", transient=True):
        exposures = seen[scene] = of_parts(reading, _bytes(scene.files), scene.pick)
        others = {"exposures": exposures, "reference": _bytes([scene.reference] if scene.reference else [])}
        wanted[scene] = {name: of_parts(codes[name], others[info.against]) for name, info in METRICS.items()}
    return {
        (name, scene.name): Keys(of_parts(entrant.key(scene.name), seen[scene]), wanted[scene])
        for name, entrant in entrants.items()
        for scene in scenes
    }


def _bytes(files: Sequence[Path]) -> str:
    """A hash of files, or of their names where one cannot be read, which is told when it is decoded."""
    try:
        return of_files(files)
    except OSError:
        return of_parts(*map(str, files))


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
            cached = CachedScenes([scene], stacks)
            exposures = to_float(cached.read(0))[None].to(device)
            reference = to_float(cached.read_reference(0))[None].to(device) if scene.reference else None
            for name in names:
                progress.update(task, description=f"{escape(scene.name)}: {escape(name)}")
                yield scene, name, exposures, reference
                progress.advance(task)


def _reason(error: Exception) -> str:
    kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
    return kind + (str(error).splitlines() or ["no message"])[0]


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("device: Expected a machine with CUDA for device=cuda. Got none")
    return torch.device(name)


def _print_files(output: Path, tables: Sequence[Path]) -> None:
    """Where everything lies."""
    console = Console()
    for file, what in (
        (output / REPORT, "open it in a browser"),
        (output / "scores.csv", "every number"),
        *((file, "a table to publish") for file in tables),
        (output / "images", "the fused images"),
    ):
        console.print(f"  {file}  {what}", highlight=False, soft_wrap=True, markup=False)
