"""What came of each setting, and its scores by scene."""

from collections.abc import Sequence
from statistics import mean

from hdr_lightning.comparison.settings import SettingOf
from hdr_lightning.runs.reading import Run, Setting
from hdr_lightning.tables.table import (
    Cell,
    Number,
    Scores,
    Table,
    mark_best,
    mean_of,
    table_of,
    without_spread,
)

BASELINE, TRAINED = "average", "trained"
"""Methods in the scores of a run: the plain average of the exposures, and the trained network."""


def runs_table(runs: Sequence[Run], settings: Sequence[SettingOf], keys: Sequence[str]) -> Table:
    """What varies, and MEF-SSIM and cost over the seeds that finished; the best is marked.

    A setting of which no run has finished shows how far its runs got, and no final score.
    """
    columns: dict[str, list[Cell]] = {key: [_text(each.values[key]) for each in settings] for key in keys}
    if not keys:
        columns["run"] = [each.label for each in settings]
    columns["runs"] = [Number(len(each.runs), digits=0) for each in settings]
    finished = [[run for run in _runs_of(each, runs) if run.state == "finished"] for each in settings]
    if any(len(done) < len(each.runs) for done, each in zip(finished, settings, strict=True)):
        columns["finished"] = [Number(len(done), digits=0) for done in finished]
    members = [done or _runs_of(each, runs) for done, each in zip(finished, settings, strict=True)]
    columns["best val MEF-SSIM"] = mark_best(
        [mean_of(max(run.curve, default=None) for run in group) for group in members]
    )
    columns["final val MEF-SSIM"] = mark_best(
        [mean_of(run.curve[-1] if run.curve else None for run in done) for done in finished]
    )
    columns["test MEF-SSIM"] = mark_best(
        [mean_of(_mean(run.scores.get(TRAINED, {})) for run in group) for group in members]
    )
    columns["minutes"] = [without_spread(mean_of(_minutes(run) for run in group), 1) for group in members]
    parameters = ([run.record.get("parameters") for run in group] for group in members)
    columns["parameters"] = [without_spread(mean_of(counts), 0) for counts in parameters]
    return table_of(columns)


def on_test_scenes(runs: Sequence[Run], settings: Sequence[SettingOf]) -> dict[str, list[Scores]]:
    """Scores of the test scenes by setting, after those of the plain average."""
    columns = {
        each.label: [run.scores[TRAINED] for run in _runs_of(each, runs) if TRAINED in run.scores]
        for each in settings
    }
    plain = [run.scores[BASELINE] for run in runs if BASELINE in run.scores][:1]
    return {name: scores for name, scores in {"plain average": plain, **columns}.items() if scores}


def on_validation_scenes(runs: Sequence[Run], settings: Sequence[SettingOf]) -> dict[str, list[Scores]]:
    """Scores of the validation scenes by setting, of the last validation of each run."""
    columns = {
        each.label: [run.validation for run in _runs_of(each, runs) if run.validation] for each in settings
    }
    return {name: scores for name, scores in columns.items() if scores}


def _runs_of(setting: SettingOf, runs: Sequence[Run]) -> list[Run]:
    return [runs[index] for index in setting.runs]


def _mean(scores: Scores) -> float | None:
    return mean(scores.values()) if scores else None


def _minutes(run: Run) -> float | None:
    return None if run.seconds is None else run.seconds / 60


def _text(value: Setting) -> str:
    return "none" if value is None else str(value)
