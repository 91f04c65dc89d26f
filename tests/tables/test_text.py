import csv
import io

import pytest

from hdr_lightning.tables.table import Number, Table
from hdr_lightning.tables.text import print_table, write

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


def test_terminal_shows_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(Table(["method", "score"], [["[bold]a", Number(0.5, best=True)], ["b", ""]]), "Means")
    title, _, header, _, first, second, *_ = capsys.readouterr().out.splitlines()
    assert title.split() == ["Means"] and header.split() == ["method", "score"]
    assert first.split() == ["[bold]a", "0.5000"] and second.split() == ["b"]
