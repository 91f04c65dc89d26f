"""Pictures of the same scenes across runs: fused images, weight and gamma maps, panels of runs under way."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.progress import track

from hdr_lightning.comparison.tables import BASELINE
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.pages.pictures import area_of_each, data_uri
from hdr_lightning.runs.folder import TEST_IMAGES, epoch_images
from hdr_lightning.runs.reading import Run

MOST = 1500
"""Pictures in a page; beyond it scenes are left out, and beyond one scene the runs with the lowest scores."""
PANEL = "all of it, last epoch"

Files = dict[str, dict[str, dict[int, Path]]]
"""PNG files by scene, kind of picture and position of the run."""
Pictures = dict[str, dict[str, dict[int, str]]]
"""The same as addresses that hold the picture."""


def find_pictures(runs: Sequence[Run]) -> Files:
    """The test pictures of every run; where one has none yet, also the last validation panels of all."""
    files: Files = {}
    for index, run in enumerate(runs):
        for file in sorted(run.folder.glob(f"{TEST_IMAGES}/*/*.png")):
            if file.stem == BASELINE and BASELINE in files.get(file.parent.name, {}):
                continue  # the plain average is the same in every run
            _put(files, file.parent.name, file.stem.replace("_", " "), index, file)
    tested = {index for kinds in files.values() for by_run in kinds.values() for index in by_run}
    if len(tested) < len(runs):
        for index, run in enumerate(runs):
            epochs = sorted(run.folder.glob(epoch_images("*")))
            for file in sorted(epochs[-1].glob("*.png")) if epochs else []:
                _put(files, f"{file.stem} (validation)", PANEL, index, file)
    return files


def choose(files: Files, runs: Sequence[Run], most: int = MOST) -> Files:
    """As many whole scenes as a page can hold; of the first one only the best runs where it is too large."""
    chosen: Files = {}
    room = most
    for scene, kinds in files.items():
        count = sum(len(by_run) for by_run in kinds.values())
        if count <= room:
            chosen[scene], room = kinds, room - count
    if files and not chosen:
        scene, kinds = next(iter(files.items()))
        ranked = sorted(range(len(runs)), key=lambda index: -max(runs[index].curve, default=0.0))
        shown = set(ranked[: max(1, most // len(kinds))])
        chosen[scene] = {
            kind: {i: file for i, file in by_run.items() if i in shown} for kind, by_run in kinds.items()
        }
    return chosen


def embed(files: Files) -> Pictures:
    """Read and shrink the pictures, behind a progress bar; one that cannot be read is left out."""
    flat = [
        (scene, kind, run, file)
        for scene, kinds in files.items()
        for kind, by in kinds.items()
        for run, file in by.items()
    ]
    area = area_of_each(len(flat))
    pictures: Pictures = {scene: {kind: {} for kind in kinds} for scene, kinds in files.items()}
    for scene, kind, run, file in track(flat, "Embedding pictures", transient=True):
        with suppress(InputError):  # a run under way is writing it, or it is no picture at all
            pictures[scene][kind][run] = data_uri(read_image(file), area)
    return pictures


def _put(found: Files, scene: str, kind: str, run: int, file: Path) -> None:
    found.setdefault(scene, {}).setdefault(kind, {})[run] = file
