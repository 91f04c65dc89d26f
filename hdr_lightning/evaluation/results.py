"""The folder of an evaluation: a record and an image for every method and scene, and the table of all."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.files import file_names, write_bytes
from hdr_lightning.imaging.reading import read_header
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.metrics.registry import METRICS

COSTS = ("outside", "seconds", "memory_mb")
"""Kept beside the scores: fraction of values that were clipped to [0, 1], time, and peak memory."""
COLUMNS = (*METRICS, *COSTS)

Values = dict[str, float | None]
"""A number for each of `COLUMNS`; None where it could not be measured."""
Results = dict[tuple[str, str], Values]
"""Values by method and scene, in the order of the methods and the scenes."""
Published = dict[str, dict[str, float]]
"""MEF-SSIM by method and scene, as others published it."""


class Keys(NamedTuple):
    """What results depend on, as hashes.

    Attributes:
        image: Of the fused image and what it cost.
        scores: By metric, of its score of that image.
    """

    image: str
    scores: dict[str, str]


class ResultFolder:
    """Results on the disk, each valid only under the key it was stored with.

    Args:
        root: The folder of the evaluation.
        methods: Names of methods, any text.
        scenes: Names of scenes, any text.
    """

    def __init__(self, root: Path, methods: Iterable[str], scenes: Iterable[str]) -> None:
        self.root = root
        self._methods, self._scenes = file_names(methods), file_names(scenes)

    def image(self, method: str, scene: str) -> Path:
        """Where the fused image lies."""
        return self.root / "images" / self._methods[method] / f"{self._scenes[scene]}.png"

    def load(self, method: str, scene: str, keys: Keys) -> Values | None:
        """The costs, and those scores that hold under their keys.

        None where there is no image under its key, or what there is is damaged.
        """
        try:
            record = json.loads(self._record(method, scene).read_text(encoding="utf-8"))
            if record["key"] != keys.image:
                return None
            read_header(self.image(method, scene))
            holding = [name for name, key in keys.scores.items() if record["keys"].get(name) == key]
            values = {column: record["values"][column] for column in (*holding, *COSTS)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return values if all(isinstance(value, float | int | None) for value in values.values()) else None

    def write_image(self, method: str, scene: str, image: Tensor) -> None:
        """Keep the fused image (3, H, W) in [0, 1]; what was stored with another one holds no longer.

        Raises:
            InputError: The folder cannot be written.
        """
        self._record(method, scene).unlink(missing_ok=True)
        write_image(self.image(method, scene), image)

    def store(self, method: str, scene: str, keys: Keys, values: Values) -> None:
        """Keep the values that belong to the image.

        Raises:
            InputError: The folder cannot be written.
        """
        record = {"key": keys.image, "keys": keys.scores, "method": method, "scene": scene, "values": values}
        write_text(self._record(method, scene), json.dumps(record, indent=1))

    def _record(self, method: str, scene: str) -> Path:
        return self.root / "records" / self._methods[method] / f"{self._scenes[scene]}.json"


def write_scores(path: Path, results: Results) -> None:
    """Write the results as CSV: method, scene, every score, costs.

    Raises:
        InputError: The folder cannot be written.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["method", "scene", *COLUMNS])
    for (method, scene), values in results.items():
        numbers = ("" if values[column] is None else f"{values[column]:.6g}" for column in COLUMNS)
        writer.writerow([method, scene, *numbers])
    write_text(path, stream.getvalue())


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        InputError: The folder cannot be written.
    """
    write_bytes(path, text.encode("utf-8", "replace"))  # names of files may hold any bytes


def read_published(path: Path, scenes: Iterable[str]) -> Published:
    """Scores that others published, by method and scene.

    Args:
        path: CSV file with a column `scene` and one of MEF-SSIM for each method; cells may be empty.
        scenes: The scenes of the evaluation; others are left out.

    Raises:
        InputError: The file is unreadable, holds something else than numbers, or no scene of the evaluation.
    """
    wanted = set(scenes)
    published: Published = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            methods = [name for name in reader.fieldnames or [] if name and name != "scene"]
            rows = [row for row in reader if row.get("scene") in wanted]
        for method in methods:
            published[method] = {row["scene"]: float(row[method]) for row in rows if row[method]}
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise InputError(f"published: Expected a CSV file of scores. Got {path}: {error}") from error
    if not any(published.values()):
        raise InputError(f"published: Expected scenes of this evaluation in {path}. Got none of them")
    return published
