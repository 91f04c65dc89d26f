from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.comparison.settings import group_runs, varying
from hdr_lightning.comparison.tables import on_test_scenes, runs_table
from hdr_lightning.runs.reading import find_runs
from hdr_lightning.tables.table import Number, Table

WriteRun = Callable[..., Path]


@pytest.fixture
def table(write_run: WriteRun, sweep: Path) -> Table:
    write_run("1", gamma="var", seed=1, curve=(0.5, 0.9, 0.8), test={"a": 0.5, "b": 0.7})
    write_run("2", gamma="var", seed=2, curve=(0.7, 0.6), test={"a": 0.7, "b": 0.9})
    write_run("3", gamma="var", seed=3, curve=(0.99,), state="running")  # not counted
    write_run("4", gamma="grad", seed=1, curve=(0.75,), state="interrupted")
    runs, _ = find_runs([sweep])
    keys = varying(runs)
    return runs_table(runs, group_runs(runs, keys), keys)


def test_mean_and_deviation_over_seeds(table: Table) -> None:
    var = dict(zip(table.header, table.rows[1], strict=True))
    assert var["loss.gamma"] == "var"
    best = var["best val MEF-SSIM"]  # of 0.9 and 0.7
    assert (best.mean, best.std) == (pytest.approx(0.8), pytest.approx(0.02**0.5))
    final = var["final val MEF-SSIM"]  # of 0.8 and 0.6
    assert (final.mean, final.std) == (pytest.approx(0.7), pytest.approx(0.02**0.5))
    assert var["test MEF-SSIM"].mean == pytest.approx(0.7)  # of 0.6 and 0.8
    assert var["minutes"] == Number(2.5, digits=1)  # of 3 and 2
    assert (var["runs"].mean, var["finished"].mean) == (3, 2)


def test_interrupted_run_shows_as_far_as_it_got(table: Table) -> None:
    grad = dict(zip(table.header, table.rows[0], strict=True))
    assert grad["best val MEF-SSIM"] == Number(0.75, None, best=False)
    assert (grad["runs"].mean, grad["finished"].mean) == (1, 0)
    assert grad["final val MEF-SSIM"] == grad["test MEF-SSIM"] == ""


def test_plain_average_stands_first(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", gamma="var", test={"a": 0.5})
    write_run("2", gamma="grad", test={"a": 0.75})
    runs, _ = find_runs([sweep])
    columns = on_test_scenes(runs, group_runs(runs, varying(runs)))
    assert columns == {"plain average": [{"a": 0.5}], "var": [{"a": 0.5}], "grad": [{"a": 0.75}]}
