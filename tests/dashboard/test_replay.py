"""Offline W&B runs, logged by W&B itself and read back."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hdr_lightning.dashboard.replay import STORE, replay
from hdr_lightning.errors import InputError


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
