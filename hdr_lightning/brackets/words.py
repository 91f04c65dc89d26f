"""What may stand after an option of `hdr-fuse`, as argparse asks for it."""

import argparse
import math


def jobs(word: str) -> int:
    """A number of processes, 0 for as many as there are cores."""
    if word == "auto":
        return 0
    if word.isdecimal() and int(word) >= 1:
        return int(word)
    raise argparse.ArgumentTypeError(f"expected a number of brackets from 1, or auto, got {word!r}")


def grouping(word: str) -> int | str:
    """A number of files from 2 on, `auto` or `off`."""
    if word in ("auto", "off"):
        return word
    if word.isdecimal() and int(word) >= 2:
        return int(word)
    raise argparse.ArgumentTypeError(f"expected a number from 2 on, auto or off, got {word!r}")


def headroom(word: str) -> float:
    """Stops above white, up to 16."""
    value = _number(word)
    if 0 < value <= 16:
        return value
    raise argparse.ArgumentTypeError(f"expected stops from above 0 to 16, got {word!r}")


def slider(word: str) -> float:
    """A number from -1 to 1."""
    value = _number(word)
    if -1 <= value <= 1:
        return value
    raise argparse.ArgumentTypeError(f"expected a number from -1 to 1, got {word!r}")


def number(word: str) -> int | None:
    """The number of an exposure from 1 on; None for `auto`."""
    if word == "auto":
        return None
    if word.isdecimal() and int(word) >= 1:
        return int(word)
    raise argparse.ArgumentTypeError(f"expected auto or a whole number from 1, got {word!r}")


def quality(word: str) -> int:
    """1 to 100."""
    if word.isdecimal() and 1 <= int(word) <= 100:
        return int(word)
    raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 100, got {word!r}")


def _number(word: str) -> float:
    """Outside every range where it is none."""
    try:
        return float(word)
    except ValueError:
        return math.nan
