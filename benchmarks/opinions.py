"""What an opinion score learned from people says of the images of an evaluation, method against method.

    python -m benchmarks.opinions EVALUATION [--against mertens] [--judge ../shared/judge/judge.py]

EVALUATION is the output folder of `evaluate.py`. The judge is a file with a function `judge` of (H, W, 3)
uint8 images; the one that was used, HIGRADE-1, is for research only and no part of this project.
"""

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.progress import track

from benchmarks.measuring import CHECKOUT, table
from hdr_lightning.evaluation.ranking import compare
from hdr_lightning.imaging.reading import read_image

JUDGE = CHECKOUT.parent / "shared" / "judge" / "judge.py"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("--against", default="mertens")
    parser.add_argument("--judge", type=Path, default=JUDGE)
    args = parser.parse_args(words)
    folders = sorted(path for path in (args.evaluation / "images").glob("*") if path.is_dir())
    scores = opinions(folders, judge_of(args.judge))
    if args.against not in scores:
        raise SystemExit(f"error: Expected --against out of {', '.join(scores)}. Got {args.against}")
    rows = [row(name, scores[name], scores[args.against]) for name in scores]
    header = ["method", "mean", f"minus {args.against}", "95 % interval", "scenes above", "scenes"]
    table("Opinion score, higher is better", header, rows)


def judge_of(file: Path) -> Callable[[np.ndarray], float]:
    """The function `judge` of a Python file."""
    if not file.is_file():
        raise SystemExit(f"error: Expected a file with the function judge. Got {file}, which is not there")
    spec = importlib.util.spec_from_file_location("judge", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"error: Expected a Python file. Got {file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judge: Callable[[np.ndarray], float] = module.judge
    return judge


def opinions(folders: list[Path], judge: Callable[[np.ndarray], float]) -> dict[str, dict[str, float]]:
    """The score of each image by method and scene."""
    images = [(folder.name, file) for folder in folders for file in sorted(folder.glob("*.png"))]
    scores: dict[str, dict[str, float]] = {folder.name: {} for folder in folders}
    for method, file in track(images, "Judging", transient=True):
        scores[method][file.stem] = judge(read_image(file))
    return scores


def row(name: str, own: dict[str, float], other: dict[str, float]) -> list[str]:
    """A line of the table: the mean, and how it differs over the scenes of both."""
    scenes = sorted(own.keys() & other.keys())
    mean = f"{np.mean(list(own.values())):.3f}"
    difference = compare(*(np.array([scores[scene] for scene in scenes]) for scores in (own, other)))
    if difference is None:
        return [name, mean, "", "", "", "0"]
    interval = f"{difference.low:+.3f} to {difference.high:+.3f}"
    return [name, mean, f"{difference.difference:+.3f}", interval, str(difference.above), str(len(scenes))]


if __name__ == "__main__":
    main()
