"""What the scenes of a run were for, kept in its folder: what was trained on is never measured later."""

import csv
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only

from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.data.splits import SPLITS
from hdr_lightning.errors import InputError
from hdr_lightning.files import write_csv
from hdr_lightning.runs.folder import SCENES


def refuse_moved(run_dir: Path, datamodule: SceneDataModule) -> None:
    """Make sure that a run which goes on measures no scene that it was trained on before.

    The fractions share out the scenes that are there, so with more of them some move to another split.

    Raises:
        InputError: It names such a scene, or the file that cannot be read.
    """
    file = run_dir / SCENES
    if not file.is_file():  # a run of an earlier version
        return
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            before = {row["scene"]: row["split"] for row in csv.DictReader(stream)}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(f"Expected the scenes of the run in {file}. Got: {error}") from error
    for split, scenes in zip(SPLITS[1:], (datamodule.val_scenes, datamodule.test_scenes), strict=True):
        for scene in scenes:
            if before.get(scene.name) == "train":
                raise InputError(
                    f"resume=true: Expected {scene.name} among the scenes to train on, as in {file}. "
                    f"Got it in {split}: other photographs are there now than when the run began"
                )


@rank_zero_only
def write_scenes(run_dir: Path, datamodule: SceneDataModule) -> None:
    """Write what each scene is for as `scenes.csv`.

    Raises:
        InputError: The disk refuses it.
    """
    every = (datamodule.train_scenes, datamodule.val_scenes, datamodule.test_scenes)
    rows = [[scene.name, split] for split, scenes in zip(SPLITS, every, strict=True) for scene in scenes]
    write_csv(run_dir / SCENES, ["scene", "split"], rows)
