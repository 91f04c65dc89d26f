"""The command `hdr-dashboard`: offline W&B runs in a browser, without an account."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from hdr_lightning import __version__
from hdr_lightning.errors import command


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line; serves until Ctrl-C."""
    options = _parser().parse_args(words)
    from hdr_lightning.dashboard.replay import replay, serve

    projects = replay(options.runs)
    serve(projects[0], options.port, not options.no_browser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hdr-dashboard",
        usage="%(prog)s [FOLDER] [options]",
        description="Show the offline W&B runs below a folder in trackio's dashboard, on this machine alone. "
        "Started again it shows what the runs have logged since, once.",
    )
    add = parser.add_argument
    add("runs", type=Path, nargs="?", default=Path("runs"), metavar="FOLDER", help="default: runs")
    add("--port", type=int, help="default: the first free one from 7860")
    add("--no-browser", action="store_true", help="only print the address")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


if __name__ == "__main__":
    main()
