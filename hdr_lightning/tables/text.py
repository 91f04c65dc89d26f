"""Tables as Markdown, CSV and LaTeX."""

import csv
import io
from typing import Literal, NamedTuple

import rich.box
import rich.table
from rich.console import Console

from hdr_lightning.tables.table import Cell, Number, Table

Form = Literal["markdown", "csv", "latex"]
ENDINGS: dict[Form, str] = {"markdown": "md", "csv": "csv", "latex": "tex"}
"""Of files, by their form."""


class _Signs(NamedTuple):
    """How a form writes what is more than digits."""

    escapes: dict[int, str]
    best: str
    spread: str


_MARKDOWN = _Signs(str.maketrans({**{sign: f"\\{sign}" for sign in "\\|*`[<"}, "\n": " "}), "**{}**", " ± ")
_LATEX = _Signs(
    str.maketrans(
        {
            **{sign: rf"\{sign}" for sign in "&%$#_{}"},
            "<": r"\textless{}",
            ">": r"\textgreater{}",
            "\n": " ",
            "\\": r"\textbackslash{}",
            "~": r"\textasciitilde{}",
            "^": r"\textasciicircum{}",
        }
    ),
    r"\textbf{{{}}}",
    r" $\pm$ ",
)
_TERMINAL = _Signs({ord("["): r"\["}, "[bold]{}[/]", " ± ")
"""With the marks of rich."""


def write(table: Table, form: Form) -> str:
    """The table as text."""
    return {"markdown": _markdown, "csv": _csv, "latex": _latex}[form](table)


def print_table(table: Table, title: str) -> None:
    """Print the table in the terminal; the first column takes what room there is."""
    printed = rich.table.Table(title=title, title_justify="left", box=rich.box.SIMPLE_HEAD)
    for index, (name, number) in enumerate(zip(table.header, _numeric(table), strict=True)):
        printed.add_column(
            _shown(name, _TERMINAL),
            justify="right" if number else "left",
            overflow="fold",
            min_width=None if index else 12,
        )
    for row in table.rows:
        printed.add_row(*(_shown(cell, _TERMINAL) for cell in row))
    Console().print(printed)


def _shown(cell: Cell, signs: _Signs) -> str:
    if isinstance(cell, str):
        return cell.translate(signs.escapes)
    text = f"{cell.mean:.{cell.digits}f}"
    text = signs.best.format(text) if cell.best else text
    return text if cell.std is None else f"{text}{signs.spread}{cell.std:.{cell.digits}f}"


def _markdown(table: Table) -> str:
    rule = ["---:" if number else "---" for number in _numeric(table)]
    rows = [[_shown(cell, _MARKDOWN) for cell in row] for row in table.rows]
    lines = [[_shown(name, _MARKDOWN) for name in table.header], rule, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _latex(table: Table) -> str:
    columns = "".join("r" if number else "l" for number in _numeric(table))
    rows: list[list[Cell]] = [[*table.header], *table.rows]
    lines = [" & ".join(_shown(cell, _LATEX) for cell in row) + r" \\" for row in rows]
    total = [r"\hline"] if table.total else []
    body = [r"\hline", lines[0], r"\hline", *lines[1:-1], *total, lines[-1], r"\hline"]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}", ""])


def _numeric(table: Table) -> list[bool]:
    """Whether a column holds numbers."""
    return [any(isinstance(row[i], Number) for row in table.rows) for i in range(len(table.header))]


def _csv(table: Table) -> str:
    """With a column of its own for each standard deviation, and all digits."""
    columns = [_column(name, [row[i] for row in table.rows]) for i, name in enumerate(table.header)]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(
        zip(*(part for parts in columns for part in parts), strict=True)
    )
    return stream.getvalue()


def _column(name: str, cells: list[Cell]) -> list[list[str]]:
    """The column of the means or texts, and that of the standard deviations if there are any."""
    means = [name, *(cell if isinstance(cell, str) else f"{cell.mean:.6g}" for cell in cells)]
    spreads = [None if isinstance(cell, str) else cell.std for cell in cells]
    if all(spread is None for spread in spreads):
        return [means]
    return [means, [f"{name} std", *("" if spread is None else f"{spread:.6g}" for spread in spreads)]]
