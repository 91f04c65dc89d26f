"""The command `hdr-compare`: training runs or evaluations side by side. Heavy imports wait for work."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hdr_lightning import __version__
from hdr_lightning.errors import InputError, command
from hdr_lightning.evaluation import REPORT

_EXAMPLES = """\
examples:
  hdr-compare runs/table2                           runs/table2/comparison.html
  hdr-compare runs/a runs/b -o a_and_b.html         two runs, wherever they lie
  hdr-compare runs/table2 --markdown                what varies and what came of it, for a README
  hdr-compare runs/table2 --latex --table scenes    the paper's table 2, from your runs
  hdr-compare evaluations/*                         what hdr-evaluate left there, a section each

Runs that are still going, failed or were interrupted are shown as far as they got.
"""


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line; leaves with status 1 if a run cannot be read."""
    parser = _parser()
    options = parser.parse_args(words)
    if options.table and not options.form:
        parser.error("--table: Expected --markdown, --csv or --latex with it. Got none")
    if any((folder / REPORT).is_file() for folder in options.runs):
        _show_evaluations(options)
    else:
        _compare_runs(options)


def _show_evaluations(options: argparse.Namespace) -> None:
    if options.form:
        raise InputError(
            f"--{options.form}: Expected runs. Got evaluations, of which hdr-evaluate writes tables"
        )
    from hdr_lightning.comparison.side_by_side import show_side_by_side

    output = options.output or _default(options.runs)
    show_side_by_side(options.runs, output)
    _tell_of(output)


def _compare_runs(options: argparse.Namespace) -> None:
    from hdr_lightning.comparison.report import compare_runs, table_as_text
    from hdr_lightning.files import write_bytes

    if options.form:
        text, left = table_as_text(options.runs, options.table or "runs", options.form)
        if options.output:
            write_bytes(options.output, text.encode(errors="replace"))
        else:
            print(text, end="")
    else:
        output = options.output or _default(options.runs)
        left = compare_runs(options.runs, output)
        _tell_of(output)
    for line in left.repeated:
        print(f"note: {line}", file=sys.stderr)
    if left.unreadable:
        sys.exit("\n  ".join(["error: Expected runs that can be read. Left out:", *left.unreadable]))


def _tell_of(page: Path) -> None:
    print(f"  {page}  open it in a browser")


def _default(runs: Sequence[Path]) -> Path:
    return (runs[0] if len(runs) == 1 else Path()) / "comparison.html"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hdr-compare",
        usage="%(prog)s FOLDER [FOLDER ...] [options]",
        description="Compare training runs: one HTML page that needs nothing else, or a table to publish. "
        "Or show evaluations side by side.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "runs",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="a run, a sweep, or any folder that holds runs; or what hdr-evaluate wrote",
    )
    add(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="default: comparison.html in the folder; a table is printed",
    )
    forms = parser.add_mutually_exclusive_group()
    for form in ("markdown", "csv", "latex"):
        forms.add_argument(
            f"--{form}", dest="form", action="store_const", const=form, help="a table instead of the page"
        )
    add("--table", choices=("runs", "scenes"), help="which one; default: runs")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


if __name__ == "__main__":
    main()
