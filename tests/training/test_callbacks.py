import csv
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from hdr_lightning.training.callbacks import History


def finish_epoch(history: History, epoch: int, loss: float, validated: bool = False) -> None:
    trainer = SimpleNamespace(
        current_epoch=epoch,
        global_step=10 * (epoch + 1),
        optimizers=[torch.optim.SGD([torch.zeros(1)], lr=0.5)],
        callback_metrics={"train/loss": torch.tensor(loss), "val/mef_ssim": torch.tensor(0.5)},
    )
    history.on_train_start(trainer, None)
    history.on_train_epoch_start(trainer, None)
    history.on_train_batch_start(trainer, None, None, 0)
    if validated:
        history.on_validation_end(trainer, None)
    history.on_train_epoch_end(trainer, None)


def test_history_keeps_the_rows_of_a_resumed_run_and_drops_those_after_the_checkpoint(tmp_path: Path) -> None:
    first = History(tmp_path / "history.csv")
    finish_epoch(first, 0, 0.5)
    checkpoint = {"rows": list(first.state_dict()["rows"])}
    finish_epoch(first, 1, 0.4)  # after the last checkpoint: this epoch is run again

    second = History(tmp_path / "history.csv")
    second.load_state_dict(checkpoint)
    finish_epoch(second, 1, 0.25)
    with (tmp_path / "history.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["epoch"], row["step"], row["train/loss"], row["lr"]) for row in rows] == [
        ("0", "10", "0.5", "0.5"),
        ("1", "20", "0.25", "0.5"),
    ]


def test_clock_of_a_resumed_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    first = History(tmp_path / "history.csv")
    first.on_train_start(None, None)  # type: ignore[arg-type]
    now = 130.0
    first.rows.append({"seconds": now - first._start})
    checkpoint = first.state_dict()
    now = 5000.0  # another day; preparing the data takes until 6000
    second = History(tmp_path / "history.csv")
    second.load_state_dict(checkpoint)
    now = 6000.0
    finish_epoch(second, 1, 0.5)
    assert second.seconds == 30.0


def test_history_shows_a_score_only_where_there_was_a_validation(tmp_path: Path) -> None:
    history = History(tmp_path / "history.csv")
    for epoch, validated in enumerate((True, False, True)):
        finish_epoch(history, epoch, 0.5, validated)
    with (tmp_path / "history.csv").open() as stream:
        assert [row["val/mef_ssim"] for row in csv.DictReader(stream)] == ["0.5", "", "0.5"]
