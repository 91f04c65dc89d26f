"""Which scenes train, which choose the best epoch and which are only measured."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import TEST_ONLY, Scene, find_scenes

SPLITS = ("train", "val", "test")


class Splits(NamedTuple):
    """Scenes by purpose; no group of scenes is in two of them."""

    train: list[Scene]
    val: list[Scene]
    test: list[Scene]


@dataclass(frozen=True)
class Source:
    """A data set as the configuration describes it.

    Attributes:
        layout: One of `hdr_lightning.scenes.LAYOUTS`, or a dotted path.
        root: Its folder; None where the layout needs none.
        exposures: One of `hdr_lightning.scenes.EXPOSURES`.
    """

    layout: str
    root: str | None = None
    exposures: str = "pair"

    @property
    def dataset(self) -> str:
        """The name of the root folder, or of the layout where there is no root."""
        return Path(self.root).resolve().name if self.root else self.layout


def sources_from(descriptions: Iterable[Mapping[str, Any]], key: str) -> list[Source]:
    """The sources of a configuration list; `key` names it in errors.

    Raises:
        InputError: An entry lacks its layout or has a key that is none.
    """
    sources = []
    for description in descriptions:
        if "layout" not in description or not description.keys() <= {"layout", "root", "exposures"}:
            raise InputError(f"Expected layout, root and exposures in data.{key}. Got {dict(description)}")
        sources.append(Source(**description))
    return sources


def scenes_of(sources: list[Source], demo_root: Path) -> list[tuple[Source, Scene]]:
    """The scenes of several data sets. With more than one, names start with that of the data set.

    Args:
        sources: The data sets.
        demo_root: Where the layout `demo` writes its scenes when it has no root of its own.

    Raises:
        InputError: As `hdr_lightning.scenes.find_scenes`, or two scenes of one name.
    """
    scenes = []
    for source in sources:
        root = Path(source.root).expanduser() if source.root else None
        if root is None and source.layout == "demo":
            root = demo_root
        prefix = f"{source.dataset}-" if len(sources) > 1 else ""
        for scene in find_scenes(source.layout, root, source.exposures):
            scenes.append((source, replace(scene, name=prefix + scene.name)))
    name, count = max(Counter(scene.name for _, scene in scenes).items(), key=itemgetter(1), default=("", 1))
    if count > 1:
        raise InputError(f"Expected every scene once. Got {name} from two sources with one folder name")
    return scenes


def split_by_group(found: list[tuple[Source, Scene]], val_fraction: float, test_fraction: float) -> Splits:
    """Deal the groups of scenes to the splits by a hash of their names, so that every run gets the same.

    Groups of one name in two data sets stay together. A fraction above zero gets at least one group. Scenes
    of a test-only layout go to the test, uncounted.

    Raises:
        InputError: Impossible fractions, or no group is left to train on.
    """
    if not (val_fraction >= 0 and test_fraction >= 0 and val_fraction + test_fraction < 1):  # nor NaN
        raise InputError(
            "Expected data.val_fraction and data.test_fraction of at least 0 and together below 1. "
            f"Got {val_fraction} and {test_fraction}"
        )
    groups = {scene.group for source, scene in found if source.layout not in TEST_ONLY}
    order = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).hexdigest())
    tests, vals = (max(round(part * len(order)), part > 0) for part in (test_fraction, val_fraction))
    if order and len(order) <= tests + vals:
        raise InputError(
            f"Expected more than {tests + vals} groups of scenes to split them. Got {len(order)}: name "
            "data.val_sources and data.test_sources, or set data.val_fraction and data.test_fraction to 0"
        )
    purposes = dict.fromkeys(order[:tests], "test") | dict.fromkeys(order[tests : tests + vals], "val")
    return _dealt(
        (scene, "test" if source.layout in TEST_ONLY else purposes.get(scene.group, "train"))
        for source, scene in found
    )


def split_by_file(found: list[tuple[Source, Scene]], path: Path) -> Splits:
    """Deal the scenes as a CSV file says: columns `scene`, `split` and optionally `dataset`.

    `dataset` is the name of the root folder of a source; where it is empty the row is for any data set.
    All pairs of one scene share its row, and so do all scenes that the demo makes of one photograph.

    Raises:
        InputError: An unreadable file, an unknown split, a scene without a row, or one of a test-only
            layout that is not for the test.
    """
    rows = _read_rows(path)
    dealt = []
    for source, scene in found:
        purpose = rows.get((source.dataset, scene.group)) or rows.get(("", scene.group))
        if purpose is None:
            raise InputError(f"Expected a row for every scene in {path}. Got none for {scene.name}")
        if source.layout in TEST_ONLY and purpose != "test":
            raise InputError(f"Expected split test for layout {source.layout}. Got {scene.name} in {purpose}")
        dealt.append((scene, purpose))
    return _dealt(dealt)


def scenes_for(sources: list[Source], purpose: str, demo_root: Path) -> list[Scene]:
    """All the scenes of sources that have one purpose, `val` or `test`.

    Raises:
        InputError: A test-only layout has another purpose.
    """
    for source in sources:
        if source.layout in TEST_ONLY and purpose != "test":
            raise InputError(
                f"Expected layout {source.layout} in data.test_sources only. Got it for {purpose}"
            )
    return [scene for _, scene in scenes_of(sources, demo_root)]


def refuse_overlap(splits: Splits) -> None:
    """Make sure that what is measured was not trained on.

    Raises:
        InputError: A photograph of a training scene is also in a scene to validate or test on.
    """
    trained = {file.resolve() for scene in splits.train for file in scene.files}
    for scene in [*splits.val, *splits.test]:
        for file in scene.files:
            if file.resolve() in trained:
                raise InputError(
                    f"Expected other photographs to test on than to train on. Got {file} in both"
                )


def _read_rows(path: Path) -> dict[tuple[str, str], str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"Expected a readable CSV file as data.split_file. Got {path}: {error}") from error
    purposes: dict[tuple[str, str], str] = {}
    for row in rows:
        if not row.get("scene") or row.get("split") not in SPLITS:
            raise InputError(f"Expected a scene and a split out of {', '.join(SPLITS)} in {path}. Got {row}")
        key = (row.get("dataset") or "", row["scene"])
        if purposes.setdefault(key, row["split"]) != row["split"]:
            raise InputError(f"Expected one split for each scene in {path}. Got two for {row['scene']}")
    return purposes


def _dealt(dealt: Iterable[tuple[Scene, str]]) -> Splits:
    splits = Splits([], [], [])
    for scene, purpose in dealt:
        splits[SPLITS.index(purpose)].append(scene)
    return splits
