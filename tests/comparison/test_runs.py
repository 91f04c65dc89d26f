from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.comparison.runs import find_runs, flat
from hdr_lightning.errors import InputError

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


def test_damaged_run_does_not_hide_the_others(write_run: WriteRun, sweep: Path) -> None:
    write_run("good")
    (write_run("bad") / "history.csv").write_text("epoch,val/mef_ssim\n0,abc\n")
    runs, problems = find_runs([sweep])
    assert [run.name for run in runs] == ["good"]
    assert len(problems) == 1 and problems[0].startswith("bad: ") and "abc" in problems[0]


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_folder_without_runs_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Expected"):
        find_runs([tmp_path / name])


def test_settings_are_flat() -> None:
    nested = {"a": {"b": 1, "c": ["x", 2]}, "d": [{"e": None}], "f": None}
    assert dict(flat(nested)) == {"a.b": 1, "a.c": "x, 2", "d": '[{"e": null}]', "f": None}
