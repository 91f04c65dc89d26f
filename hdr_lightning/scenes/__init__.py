"""Data sets: what lies on the disk in one of several layouts -> a list of scenes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.parts import Parts
from hdr_lightning.scenes import folder, mefb, pairs, sice
from hdr_lightning.scenes.scene import Scene, natural_key

__all__ = ["EXPOSURES", "LAYOUTS", "TEST_ONLY", "Scene", "find_scenes"]


def _demo(root: Path | None) -> list[Scene]:
    from hdr_lightning.scenes import demo  # its curves cost half a second, and torch

    return demo.find(root)


LAYOUTS: Parts[Callable[[Path | None], list[Scene]]] = Parts(
    "layouts",
    "a layout",
    {
        "demo": _demo,
        "folder": folder.find,
        "pairs": pairs.find,
        "sice": sice.find,
        "mefb": mefb.find,
    },
)
TEST_ONLY = frozenset({"mefb"})
"""Layouts whose scenes measure and never train."""

EXPOSURES = ("pair", "wide_pairs", "all_pairs", "stack")


def find_scenes(layout: str, root: Path | None, exposures: str = "pair") -> list[Scene]:
    """The scenes of a data set in natural order of their names. No image is opened.

    Args:
        layout: One of `LAYOUTS`, or the dotted path of a function like theirs: folder in, scenes out.
        root: Folder of the data set; None is enough for `demo`.
        exposures: `pair` uses the darkest and the brightest exposure of each scene by mean luminance (in
            every layout: file numbers are not trusted); `all_pairs` makes a scene `name:i-j` of every
            two exposures, counted from 1 in the order dark to bright; `wide_pairs` those of them that
            lie at least half the bracket apart; `stack` uses all exposures at once.

    Raises:
        InputError: Unknown layout or choice of exposures, missing or empty root, a scene with fewer than
            two exposures, a file that is a link out of the root.
    """
    find = LAYOUTS.find(layout, "data.layout")
    if exposures not in EXPOSURES:
        raise InputError(f"Expected exposures out of {', '.join(EXPOSURES)}. Got {exposures!r}")
    scenes = sorted(find(root), key=lambda scene: natural_key(scene.name))
    if not scenes:
        raise InputError(f"Expected scenes in layout {layout}, one folder each. Got none in {root}")
    return [part for scene in scenes for part in _parts(scene, exposures)]


def _parts(scene: Scene, exposures: str) -> list[Scene]:
    count = len(scene.files)
    if exposures.endswith("_pairs"):
        least = count / 2 if exposures == "wide_pairs" else 1
        picks = [(i, j) for i, j in combinations(range(count), 2) if j - i >= least]
        return [replace(scene, name=f"{scene.name}:{i + 1}-{j + 1}", pick=(i, j)) for i, j in picks]
    return [replace(scene, pick=(0, count - 1) if exposures == "pair" else None)]
