import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.comparison.settings import group_runs, varying
from hdr_lightning.comparison.tables import Number, Table, mark_best, on_test_scenes, runs_table, scenes_table
from hdr_lightning.comparison.text import write
from hdr_lightning.runs.reading import find_runs

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


def test_best_is_what_looks_best() -> None:
    cells = mark_best([Number(0.99204), Number(0.99196), Number(0.9), ""])
    assert [isinstance(cell, Number) and cell.best for cell in cells] == [True, True, False, False]
    assert not mark_best([Number(0.5), ""])[0].best
    diverged, low, high = mark_best([Number(math.nan), Number(0.5), Number(0.6)])
    assert (diverged.best, low.best, high.best) == (False, False, True)


def test_scenes_are_averaged_where_every_column_has_them() -> None:
    table = scenes_table(
        {"var": [{"a": 0.5, "b": 0.7}, {"a": 0.7, "b": 0.7}], "grad": [{"a": 0.5, "c": 1.0}]}
    )
    assert table.header == ["scene", "var", "grad"]
    assert [row[0] for row in table.rows] == ["a", "b", "c", "Average of the 1 that all have"]
    a, b, _, average = table.rows
    assert (a[1].mean, a[1].best, a[2].mean, a[2].best) == (pytest.approx(0.6), True, 0.5, False)
    assert b[2] == ""
    assert (average[1].mean, average[2].mean) == (pytest.approx(0.6), 0.5)


def test_plain_average_stands_first(write_run: WriteRun, sweep: Path) -> None:
    write_run("1", gamma="var", test={"a": 0.5})
    write_run("2", gamma="grad", test={"a": 0.75})
    runs, _ = find_runs([sweep])
    columns = on_test_scenes(runs, group_runs(runs, varying(runs)))
    assert columns == {"plain average": [{"a": 0.5}], "var": [{"a": 0.5}], "grad": [{"a": 0.75}]}


PUBLISHED = Table(
    ["scene", "a_b & c"],
    [["x|y", Number(0.99123, 0.00251, best=True)], ["50 % <b>", ""]],
    total=True,
)


def test_markdown() -> None:
    assert write(PUBLISHED, "markdown").splitlines() == [
        "| scene | a_b & c |",
        "| --- | ---: |",
        "| x\\|y | **0.9912** ± 0.0025 |",
        "| 50 % \\<b> |  |",
    ]


def test_latex() -> None:
    lines = write(PUBLISHED, "latex").splitlines()
    assert lines[0] == r"\begin{tabular}{lr}"
    assert lines[2] == r"scene & a\_b \& c \\"
    assert lines[4] == r"x|y & \textbf{0.9912} $\pm$ 0.0025 \\"
    assert lines[5:7] == [r"\hline", r"50 \% \textless{}b\textgreater{} &  \\"]
    assert lines[-1] == r"\end{tabular}"


def test_csv_has_every_digit_and_columns_for_deviations() -> None:
    rows = list(csv.reader(io.StringIO(write(PUBLISHED, "csv"))))
    assert rows == [
        ["scene", "a_b & c", "a_b & c std"],
        ["x|y", "0.99123", "0.00251"],
        ["50 % <b>", "", ""],
    ]
