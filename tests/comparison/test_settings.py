from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.comparison.settings import group_runs, once_each, varying
from hdr_lightning.runs.reading import find_runs

WriteRun = Callable[..., Path]


def labels(sweep: Path) -> list[tuple[str, int]]:
    runs, _ = find_runs([sweep])
    return [(setting.label, len(setting.runs)) for setting in group_runs(runs, varying(runs))]


def test_runs_that_differ_in_the_seed_are_one_setting(write_run: WriteRun, sweep: Path) -> None:
    for number, (gamma, seed) in enumerate((g, s) for g in ("grad", "var") for s in (1, 2)):
        write_run(str(number), gamma=gamma, seed=seed)
    assert labels(sweep) == [("grad", 2), ("var", 2)]


def test_choice_stands_for_what_it_sets(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", gamma="var")
    write_run("2", gamma="grad")
    assert varying(find_runs([sweep])[0]) == ["loss.gamma"]
    write_run("3", gamma="grad", loss={"_target_": "x", "gamma": {"cues": ["grad"], "sigma": 0.3}})
    assert varying(find_runs([sweep])[0]) == ["loss.gamma", "loss.gamma.sigma"]


def test_group_that_only_some_runs_have_is_a_choice_all_the_same(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", loss={"_target_": "y"}, choices={"loss": "mef_ssim", "optimizer": "adam"})
    write_run("2", gamma="var")
    write_run("3", gamma="grad")
    assert varying(find_runs([sweep])[0]) == ["loss", "loss.gamma"]


def test_without_the_choices_the_keys_themselves_are_compared(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", gamma="var", choices={})
    write_run("2", gamma="grad")
    assert varying(find_runs([sweep])[0]) == ["loss.gamma.cues"]


def test_what_changes_no_result_and_what_follows_from_another_is_set_aside(
    write_run: WriteRun, sweep: Path
) -> None:
    aside = {"trainer": {"max_epochs": 2, "devices": 1}, "pictures": 1, "checkpoint_minutes": 10}
    write_run("1", **aside, scheduler={"T_max": 2})
    aside = {"trainer": {"max_epochs": 4, "devices": 2}, "pictures": 2, "checkpoint_minutes": None}
    write_run("2", **aside, scheduler={"T_max": 4})
    assert varying(find_runs([sweep])[0]) == ["trainer.max_epochs"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([{"optimizer": {"lr": 0.1}}, {"optimizer": {"lr": 0.2}}], ["0.1", "0.2"]),
        (
            [
                {"optimizer": {"lr": 0.1}, "w": {"width": 1}},
                {"optimizer": {"lr": 0.2}, "w": {"width": 2}},
            ],
            ["lr=0.1, width=1", "lr=0.2, width=2"],
        ),
        (
            [{"a": {"lr": 0.1}, "b": {"lr": 1}}, {"a": {"lr": 0.2}, "b": {"lr": 2}}],
            ["a.lr=0.1, b.lr=1", "a.lr=0.2, b.lr=2"],
        ),
        (
            [{"lr": 0.0003}, {"lr": None}, {"lr": 0.001}, {"lr": 0.0001}],
            ["0.0001", "0.0003", "0.001", "none"],
        ),
        ([{"a": "x" * 99}, {"a": "y"}], ["0", "y"]),  # too long: the name of the run
        ([{"batches": 1}, {"batches": 1.0}, {"batches": True}], ["1", "1.0", "True"]),  # one batch, and all
    ],
)
def test_label_says_what_varies(
    settings: list[dict[str, object]], expected: list[str], write_run: WriteRun, sweep: Path
) -> None:
    for number, values in enumerate(settings):
        write_run(str(number), **values)
    assert [label for label, _ in labels(sweep)] == expected


def test_same_settings_and_seed_are_one_run(write_run: WriteRun, sweep: Path) -> None:
    for gamma in ("grad", "var"):
        write_run(f"loss.gamma={gamma}", gamma=gamma, seed=0)
        for seed in (0, 1):
            write_run(
                f"loss.gamma={gamma},seed={seed}",
                gamma=gamma,
                seed=seed,
                pictures=9,
                trainer={"max_epochs": 2, "devices": 2},
            )
    runs, told = once_each(find_runs([sweep])[0])
    assert len(runs) == 4 and len(told) == 2
    assert [(setting.label, len(setting.runs)) for setting in group_runs(runs, varying(runs))] == [
        ("grad", 2),
        ("var", 2),
    ]


def test_run_that_got_furthest_counts(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", state="failed", curve=(0.1, 0.2, 0.3))
    write_run("2", state="interrupted", curve=(0.1, 0.2))
    write_run("3", curve=(0.1,))
    write_run("4", state="interrupted", curve=(0.1, 0.2, 0.3))
    runs, told = once_each(find_runs([sweep])[0])
    assert [run.name for run in runs] == ["3"]
    assert told[0] == "1 has the settings and the seed of 3, which counts instead"
    runs, _ = once_each([run for run in find_runs([sweep])[0] if run.name != "3"])
    assert [run.name for run in runs] == ["4"]


def test_runs_that_have_told_nothing_yet_are_not_the_same(sweep: Path) -> None:
    for name in ("1", "2"):
        (sweep / name).mkdir(parents=True)
        (sweep / name / "run.yaml").write_text("state: running\n")
    assert len(once_each(find_runs([sweep])[0])[0]) == 2
