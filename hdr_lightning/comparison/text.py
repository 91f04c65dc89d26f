"""Tables as Markdown, CSV and LaTeX."""

import csv
import io
from typing import Literal

from hdr_lightning.comparison.tables import Cell, Number, Table

Form = Literal["markdown", "csv", "latex"]
_MARKDOWN = str.maketrans({**{sign: f"\\{sign}" for sign in "\\|*`[<"}, "\n": " "})
_LATEX = str.maketrans(
    {
        **{sign: rf"\{sign}" for sign in "&%$#_{}"},
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "\n": " ",
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def write(table: Table, form: Form) -> str:
    """The table as text."""
    return {"markdown": _markdown, "csv": _csv, "latex": _latex}[form](table)


def _markdown(table: Table) -> str:
    def shown(cell: Cell) -> str:
        if isinstance(cell, str):
            return cell.translate(_MARKDOWN)
        text = f"{cell.mean:.{cell.digits}f}"
        text = f"**{text}**" if cell.best else text
        return text if cell.std is None else f"{text} ± {cell.std:.{cell.digits}f}"

    rule = ["---:" if number else "---" for number in _numeric(table)]
    rows = [[shown(cell) for cell in row] for row in table.rows]
    lines = [[shown(name) for name in table.header], rule, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _latex(table: Table) -> str:
    def shown(cell: Cell) -> str:
        if isinstance(cell, str):
            return cell.translate(_LATEX)
        text = f"{cell.mean:.{cell.digits}f}"
        text = rf"\textbf{{{text}}}" if cell.best else text
        return text if cell.std is None else rf"{text} $\pm$ {cell.std:.{cell.digits}f}"

    columns = "".join("r" if number else "l" for number in _numeric(table))
    rows: list[list[Cell]] = [[*table.header], *table.rows]
    lines = [" & ".join(shown(cell) for cell in row) + r" \\" for row in rows]
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
