import platform
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.runs.lock import lock, unlock
from hdr_lightning.runs.reading import find_runs, flat

WriteRun = Callable[..., Path]


def test_run_is_read_from_its_own_files(write_run: WriteRun, sweep: Path) -> None:
    write_run("one", gamma="var_grad", curve=(0.8, 0.9, 0.85), test={"a": 0.7})
    (run,), problems = find_runs([sweep])
    assert problems == []
    assert (run.name, run.state, run.curve, run.seconds) == ("one", "finished", [0.8, 0.9, 0.85], 180.0)
    assert run.scores == {"average": {"a": 0.5}, "trained": {"a": 0.7}}
    assert run.validation == {"v": 0.75}
    assert run.settings["loss.gamma.cues"] == "var, grad"
    assert run.choices["loss.gamma"] == "var_grad"


def test_runs_are_found_at_any_depth_and_named_by_where_they_lie(write_run: WriteRun, sweep: Path) -> None:
    for name in ("a/seed=10", "a/seed=2", "b"):
        write_run(name)
    (sweep / "b" / "wandb" / "inside").mkdir(parents=True)
    (sweep / "b" / "wandb" / "inside" / "run.yaml").write_text("state: running")
    assert [run.name for run in find_runs([sweep])[0]] == ["a/seed=2", "a/seed=10", "b"]
    assert [run.name for run in find_runs([sweep / "b", sweep / "a/seed=2"])[0]] == ["a/seed=2", "b"]
    assert [run.name for run in find_runs([sweep / "b"])[0]] == ["b"]


def test_run_that_has_just_begun_is_a_run(sweep: Path) -> None:
    (sweep / "new").mkdir(parents=True)
    (sweep / "new" / "run.yaml").write_text("state: running\n")
    (run,), _ = find_runs([sweep])
    assert (run.state, run.curve, run.seconds, run.scores) == ("running", [], None, {})


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        ("history.csv", b"epoch,seconds,val/mef_ssim\n0,1,abc\n", "abc"),
        ("history.csv", b"epoch,val/mef_ssim\n0,0.5\n", "without epoch or seconds"),
        ("scores.csv", b"scene,mef_ssim\na,0.5\n", "method"),
        ("val_scores.csv", b"scene,mef_ssim\n\0,\n", ""),
        ("run.yaml", b"name: of another tool", "state"),
        ("run.yaml", b"state: done", "done"),
        ("run.yaml", b"state: finished\nparameters: many", "many"),
        ("run.yaml", b"\xff", "decode"),
        ("config.yaml", b"[", "flow node"),
        ("config.yaml", b"choices: 3", "choices 3"),
    ],
)
def test_damaged_run_does_not_hide_the_others(
    file: str, content: bytes, found: str, write_run: WriteRun, sweep: Path
) -> None:
    write_run("good")
    (write_run("bad") / file).write_bytes(content)
    runs, problems = find_runs([sweep])
    assert [run.name for run in runs] == ["good"]
    assert len(problems) == 1 and problems[0].startswith(f"bad/{file}: Expected what a run writes. Got ")
    assert found in problems[0] and "\n" not in problems[0]


def test_run_that_was_killed_is_not_running(write_run: WriteRun, sweep: Path) -> None:
    def tell(name: str, host: str) -> Path:
        folder = write_run(name)
        (folder / "run.yaml").write_text(f"state: running\nhost: {host}\n")
        return folder

    here = platform.node()
    tell("elsewhere", f"not-{here}")
    tell("killed", here)
    held = lock(tell("working", here))
    assert held is not None
    states = {run.name: run.state for run in find_runs([sweep])[0]}
    unlock(held)
    assert states == {"elsewhere": "running", "killed": "interrupted", "working": "running"}


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_folder_without_runs_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Expected"):
        find_runs([tmp_path / name])


def test_settings_are_flat() -> None:
    nested = {"a": {"b": 1, "c": ["x", 2]}, "d": [{"e": None}], "f": None, "g": date(2026, 1, 2)}
    assert dict(flat(nested)) == {
        **{"a.b": 1, "a.c": "x, 2", "d": '[{"e": null}]', "f": None},
        "g": "2026-01-02",  # YAML makes dates of what looks like one
    }
