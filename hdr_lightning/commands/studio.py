"""The command `hdr-studio`: fuse in a browser, on this machine alone."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from hdr_lightning import __version__
from hdr_lightning.errors import InputError, command


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line; serves until Ctrl-C."""
    options = _parser().parse_args(words)
    missing = next((folder for folder in options.folders if not folder.is_dir()), None)
    if missing is not None:
        raise InputError(f"Expected a folder. Got {missing}")
    try:
        from hdr_lightning.studio.server import serve
    except ImportError as error:
        raise InputError(
            f"Expected {error.name} for hdr-studio. Got none: pip install 'hdr-lightning[studio]'"
        ) from error
    serve([folder.resolve() for folder in options.folders], options.port, not options.no_browser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hdr-studio",
        usage="%(prog)s [FOLDER ...] [options]",
        description="Fuse brackets in a browser: drop them, compare settings, save. The page is served "
        "to this machine alone, and nothing leaves it.",
    )
    add = parser.add_argument
    add("folders", type=Path, nargs="*", metavar="FOLDER", help="brackets or cards that the page offers")
    add("--port", type=_port, default=0, metavar="N", help="default: a free one")
    add("--no-browser", action="store_true", help="only print the address")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _port(word: str) -> int:
    if word.isdecimal() and int(word) <= 65535:
        return int(word)
    raise argparse.ArgumentTypeError(f"expected a number up to 65535, got {word!r}")


if __name__ == "__main__":
    main()
