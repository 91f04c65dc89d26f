"""Scenes in which something moves: without deghosting, with it, and as other methods published them.

    python -m benchmarks.moving DYNAMIC OUTPUT [--published FOLDER] [--table FILE.csv]

DYNAMIC holds a folder of exposures for each scene, and FOLDER, by default DYNAMIC_published beside it, may
hold `<scene>/<method>.jpg`. The exposures are aligned as `hdr-fuse` does it, and the published images along
with them, so all are scored in one frame. OUTPUT gets the aligned exposures, which `evaluate.py data=folder`
takes too, every image, and for each scene one picture with all of them side by side.
"""

import argparse
from pathlib import Path
from statistics import mean

import numpy as np
from rich.progress import track

from benchmarks.measuring import CHECKOUT, table
from hdr_lightning.brackets.align import align_exposures
from hdr_lightning.brackets.bracket import fuse_bracket
from hdr_lightning.brackets.motion import View
from hdr_lightning.files import write_csv
from hdr_lightning.fusion import Fusion
from hdr_lightning.imaging.brightness import mean_luma
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_float, to_pixels
from hdr_lightning.metrics import mef_ssim_d
from hdr_lightning.networks.method import resolve

WITHOUT, OURS = "no_deghosting", "ours"
METHODS = {WITHOUT: "bandnet", OURS: "bandnet+deghost"}
SAME = 5e-5
"""Difference of scores that four digits do not show."""


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dynamic", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--published", type=Path)
    parser.add_argument("--table", type=Path, default=CHECKOUT / "benchmarks" / "results" / "moving.csv")
    args = parser.parse_args(words)
    published = args.published or args.dynamic.with_name(f"{args.dynamic.name}_published")
    fusions = {name: resolve(method) for name, method in METHODS.items()}
    scores = {}
    for scene in track(sorted(args.dynamic.iterdir()), "Fusing and scoring", transient=True):
        exposures, others = lie_on_each_other(scene, published / scene.name)
        images = {name: fused(fusion, exposures) for name, fusion in fusions.items()} | others
        keep(scene.name, exposures, images, args.output)
        scores[scene.name] = {name: score(image, exposures) for name, image in images.items()}
    show(scores, args.table)


def lie_on_each_other(scene: Path, published: Path) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """The exposures of a scene, dark to bright, and what others made of them."""
    exposures = sorted((read_image(file) for file in images_in(scene)), key=mean_luma)
    others = {file.stem: read_image(file) for file in images_in(published)}
    reference = max(range(len(exposures)), key=lambda k: View(exposures[k]).detail)  # as if they were alone
    photographs = [*exposures, *others.values()]
    aligned = align_exposures(photographs, [str(k) for k in range(len(photographs))], reference).exposures
    count = len(exposures)
    return aligned[:count], dict(zip(others, aligned[count:], strict=True))


def fused(fusion: Fusion, exposures: list[np.ndarray]) -> np.ndarray:
    """The fusion of exposures that lie on each other, 8 bits."""
    names = [str(k) for k in range(len(exposures))]
    return to_pixels(fuse_bracket(exposures, fusion, names, align="never", device="cpu").image, 8)


def score(image: np.ndarray, exposures: list[np.ndarray]) -> float:
    return mef_ssim_d(to_float(image)[None], to_float(np.stack(exposures))[None]).item()


def keep(scene: str, exposures: list[np.ndarray], images: dict[str, np.ndarray], output: Path) -> None:
    """Write everything, and one picture of all methods side by side in full size."""
    for number, exposure in enumerate(exposures, start=1):
        write_image(output / "aligned" / scene / f"{number}.png", to_float(exposure))
    for name, image in images.items():
        write_image(output / "images" / name / f"{scene}.png", to_float(image))
    write_image(
        output / "side_by_side" / f"{scene}.jpg", to_float(np.concatenate([*images.values()], axis=1))
    )


def images_in(folder: Path) -> list[Path]:
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in found if file.suffix.lower() in IMAGE_SUFFIXES]


def show(scores: dict[str, dict[str, float]], file: Path) -> None:
    """Print the table, and write it as CSV."""
    methods = list(dict.fromkeys(method for values in scores.values() for method in values))
    rows = [
        [scene, *(f"{values[x]:.4f}" if x in values else "" for x in methods)]
        for scene, values in scores.items()
    ]
    write_csv(file, ["scene", *methods], rows)
    complete = [values for values in scores.values() if len(values) == len(methods)]
    means = [f"{mean(values[method] for values in complete):.4f}" for method in methods]
    table("MEF-SSIMd, higher is better", ["scene", *methods], [*rows, [f"mean of {len(complete)}", *means]])
    for other in (method for method in methods if method != OURS):
        gains = [values[OURS] - values[other] for values in scores.values() if other in values]
        above, below = (sum(sign * gain > SAME for gain in gains) for sign in (1, -1))
        print(f"{OURS} beside {other}: above on {above}, below on {below} of {len(gains)} scenes")


if __name__ == "__main__":
    main()
