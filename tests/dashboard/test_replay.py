"""Offline W&B runs, logged by W&B itself and read back."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import wandb
from PIL import Image

from hdr_lightning.dashboard import offline
from hdr_lightning.dashboard.offline import find_offline, read_offline
from hdr_lightning.dashboard.replay import STORE, replay
from hdr_lightning.errors import InputError


def log(folder: Path, identity: str, losses: list[float], first_step: int = 0) -> None:
    settings = wandb.Settings(silent=True, console="off")
    config = {"loss": {"gamma": identity}, "seed": 1}
    place = {"dir": str(folder), "project": "p", "group": "g", "name": f"run {identity}", "id": identity}
    with wandb.init(mode="offline", config=config, settings=settings, **place) as run:
        for step, loss in enumerate(losses, first_step):
            run.log({"train/loss": loss, "trainer/global_step": 10 * step})
        run.log({"panel": [wandb.Image(Image.new("RGB", (8, 6)))], "trainer/global_step": 10 * first_step})
        run.log({"scenes": wandb.Table(["scene", "score"], [["a", 0.5]])})


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TRACKIO_DIR", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")  # set anew by the replay, and put back after the test
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "runs").mkdir()
    log(tmp_path / "runs", "aa", [0.5, 0.25])
    return tmp_path / "runs"


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


def test_continued_run_is_one_run(runs: Path) -> None:
    log(runs, "bb", [0.75], first_step=2)
    first, second = sorted(find_offline(runs), key=lambda folders: folders[0].name.split("-")[-1])
    both = read_offline([*first, *second])
    assert [row.scalars["train/loss"] for row in both.rows if "train/loss" in row.scalars] == [
        0.5,
        0.25,
        0.75,
    ]


def test_what_a_continued_run_logs_again_is_shown_once(runs: Path) -> None:
    log(runs, "bb", [0.5, 0.75], first_step=1)
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
    with pytest.raises(InputError, match=r"Expected an offline W&B run in .*offline-run") as told:
        read_offline(folders)
    assert len(str(told.value).splitlines()) == 1


def test_missing_extra_is_named(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trackio", None)
    with pytest.raises(InputError, match=r"hdr-lightning\[dashboard\]"):
        replay(runs)


def test_replayed_twice_there_is_everything_once(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that appends, as trackio's does, in trackio's place."""
    store = runs / STORE

    class Run:
        def log(self, values: dict[str, Any], step: int) -> None:
            store.mkdir(exist_ok=True)
            with (store / "log").open("a") as stream:
                stream.write(f"{step} {sorted(values)}\n")

    trackio = ModuleType("trackio")
    trackio.init = lambda **_: Run()  # type: ignore[attr-defined]
    trackio.finish = lambda: None  # type: ignore[attr-defined]
    trackio.Image = lambda path: path  # type: ignore[attr-defined]
    trackio.Table = lambda columns, data: (columns, data)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "trackio", trackio)
    assert replay(runs) == ["p"]
    once = (store / "log").read_text()
    assert once.count("train/loss") == 2 and "['panel']" in once and "'scenes'" in once
    assert replay(runs) == ["p"]
    assert (store / "log").read_text() == once
