"""Offline W&B runs, logged by W&B itself and read back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hdr_lightning.dashboard import offline
from hdr_lightning.dashboard.offline import find_offline, read_offline
from hdr_lightning.errors import InputError

LogRun = Callable[..., None]


def test_run_is_read_back_as_it_was_logged(runs: Path) -> None:
    (folders,) = find_offline(runs)
    run = read_offline(folders)
    assert (run.project, run.name, run.group) == ("p", "run aa", "g")
    assert run.config == {"loss": {"gamma": "aa"}, "seed": 1}
    losses = [(row.step, row.scalars["train/loss"]) for row in run.rows if "train/loss" in row.scalars]
    assert losses == [(0, 0.5), (10, 0.25)]
    (image,) = [file for row in run.rows for files in row.images.values() for file in files]
    with Image.open(image) as picture:
        assert picture.size == (8, 6)
    (table,) = [file for row in run.rows for file in row.tables.values()]
    assert '"a"' in table.read_text()


def test_continued_run_is_one_run(runs: Path, log_run: LogRun) -> None:
    log_run(runs, "bb", [0.75], first_step=2)
    first, second = sorted(find_offline(runs), key=lambda folders: folders[0].name.split("-")[-1])
    both = read_offline([*first, *second])
    assert [row.scalars["train/loss"] for row in both.rows if "train/loss" in row.scalars] == [
        0.5,
        0.25,
        0.75,
    ]


def test_what_a_continued_run_logs_again_is_shown_once(runs: Path, log_run: LogRun) -> None:
    log_run(runs, "bb", [0.5, 0.75], first_step=1)
    first, second = sorted(find_offline(runs), key=lambda folders: folders[0].name.split("-")[-1])
    rows = read_offline([*first, *second]).rows
    losses = [(row.step, row.scalars["train/loss"]) for row in rows if "train/loss" in row.scalars]
    assert losses == [(0, 0.5), (10, 0.5), (20, 0.75)]  # 0.25 at step 10 came after the checkpoint
    assert [row.step for row in rows if row.images] == [0, 10]


def test_nothing_to_replay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Expected offline W&B runs"):
        find_offline(tmp_path)


def test_log_that_names_files_elsewhere_shows_none_of_them(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (runs / "secret.png").write_bytes(b"secret")
    (folders,) = find_offline(runs)
    records = list(offline._records(folders[0]))
    for record in records:
        for key in record.get("history", {}).get("item", {}):
            if key == "panel.filenames":
                record["history"]["item"][key] = ["../../../secret.png", str(runs / "secret.png")]
            if key == "scenes.path":
                record["history"]["item"][key] = "../../../secret.png"
    monkeypatch.setattr(offline, "_records", lambda folder: records)
    run = read_offline(folders)
    assert [files for row in run.rows for files in row.images.values()] == [[]]
    assert [file for row in run.rows for file in row.tables.values()] == []


def test_damaged_log_is_named(runs: Path) -> None:
    (folders,) = find_offline(runs)
    (log,) = folders[0].glob("run-*.wandb")
    log.write_bytes(b"no log")
    with pytest.raises(InputError, match=r"Expected an offline W&B run in .*offline-run") as error:
        read_offline(folders)
    assert len(str(error.value).splitlines()) == 1
