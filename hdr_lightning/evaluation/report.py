"""The report of an evaluation: its numbers and pictures as one page."""

from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from rich.progress import track

from hdr_lightning.data.patches import CachedScenes
from hdr_lightning.evaluation.ranking import compare, summarize
from hdr_lightning.evaluation.results import Published, ResultFolder, Results, write_text
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.metrics.registry import METRICS
from hdr_lightning.pages.page import page
from hdr_lightning.pages.pictures import area_of_each, data_uri
from hdr_lightning.scenes import Scene
from hdr_lightning.scenes.cache import StackCache

SCRIPTS = (
    "table",
    "viewer",
    "scores",
    *(f"evaluation/{part}" for part in ("state", "tables", "scenes", "page")),
)
Pictures = dict[str, dict[str, str]]
"""Data URI of each picture by scene and caption: the exposures, the reference if any, then the methods."""


def write_report(
    path: Path,
    results: Results,
    published: Published,
    pictures: Pictures,
    failures: list[str],
) -> None:
    """Write the page: ranking, scores per scene, pictures and paired comparisons.

    Args:
        path: The HTML file.
        results: Values by method and scene.
        published: MEF-SSIM by method and scene, of others.
        pictures: What to show of each scene, see `embed_pictures`.
        failures: Lines that say what could not be scored.

    Raises:
        InputError: The file cannot be written.
    """
    scenes = list(dict.fromkeys(scene for _, scene in results))
    methods = _methods(results, published)
    data: dict[str, Any] = {"scenes": scenes, "methods": methods, "pictures": pictures, "failures": failures}
    data |= {"metrics": {}, "scores": {}, "summaries": {}, "comparisons": {}}
    for name, info in METRICS.items():
        scores = _scores(name, results, published, scenes)
        if info.against == "reference" and np.isnan(scores).all():
            continue  # no scene has a reference
        data["metrics"][name] = {"label": info.label, "better": info.better, "meaning": info.meaning}
        data["scores"][name] = scores.tolist()
        data["summaries"][name] = [s._asdict() if s else None for s in summarize(scores, info.better)]
        data["comparisons"][name] = _comparisons(scores)
    write_text(path, page(f"Fusion of {len(scenes)} scenes", SCRIPTS, data))


def embed_pictures(
    scenes: list[Scene], results: Results, folder: ResultFolder, stacks: StackCache
) -> Pictures:
    """Exposures, reference and fused images of every scene that was scored, small enough for one page."""
    shown = {scene: [method for method, name in results if name == scene.name] for scene in scenes}
    shown = {scene: methods for scene, methods in shown.items() if methods}
    count = sum(len(methods) + len(scene.files) + bool(scene.reference) for scene, methods in shown.items())
    area = area_of_each(count)
    pictures: Pictures = {}
    for scene, methods in track(shown.items(), "Embedding pictures", transient=True):
        shots = _photographs(scene, stacks)
        pictures[scene.name] = {caption: data_uri(pixels, area) for caption, pixels in shots.items()}
        for method in methods:
            pictures[scene.name][method] = data_uri(read_image(folder.image(method, scene.name)), area)
    return pictures


def _photographs(scene: Scene, stacks: StackCache) -> dict[str, np.ndarray]:
    """The exposures of a scene, and its reference if it has one, by caption."""
    cached = CachedScenes([scene], stacks)
    exposures = cached.read(0)
    shots = dict(zip(_exposure_names(len(exposures)), exposures, strict=True))
    return shots | {"(reference)": cached.read_reference(0)} if scene.reference else shots


def _exposure_names(count: int) -> list[str]:
    return ["(under)", "(over)"] if count == 2 else [f"(exposure {k})" for k in range(1, count + 1)]


def _methods(results: Results, published: Published) -> list[dict[str, Any]]:
    """Own methods with their mean time and highest memory, then the published ones."""
    methods: list[dict[str, Any]] = []
    for name in dict.fromkeys(method for method, _ in results):
        rows = [values for (method, _), values in results.items() if method == name]
        memory = [values["memory_mb"] for values in rows if values["memory_mb"] is not None]
        seconds = [values["seconds"] for values in rows if values["seconds"] is not None]
        costs = {"seconds": mean(seconds) if seconds else None, "memory": max(memory, default=None)}
        methods.append({"name": name, "published": False, **costs})
    for name in published:
        methods.append({"name": name, "published": True, "seconds": None, "memory": None})
    return methods


def _scores(metric: str, results: Results, published: Published, scenes: list[str]) -> np.ndarray:
    """Methods by scenes, NaN where there is no score; only MEF-SSIM is published."""
    own = dict.fromkeys(method for method, _ in results)
    rows = [[results.get((method, scene), {}).get(metric) for scene in scenes] for method in own]
    for scores in published.values():
        rows.append([scores.get(scene) if metric == "mef_ssim" else None for scene in scenes])
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(scenes))


def _comparisons(scores: np.ndarray) -> dict[str, dict[str, Any]]:
    """Every two methods that share a scene, by `first,second` of their positions."""
    compared = {
        f"{first},{second}": compare(scores[first], scores[second])
        for first, second in combinations(range(len(scores)), 2)
    }
    return {pair: comparison._asdict() for pair, comparison in compared.items() if comparison}
