"""What the page asks for, as the words of `hdr-fuse` that do the same."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from hdr_lightning.brackets.options import parse
from hdr_lightning.errors import InputError

LOOK = (
    *("method", "checkpoint", "blend", "refine", "align", "deghost", "reference", "drop_unaligned", "wrap"),
    *("brightness", "highlights", "shadows", "saturation"),
)
"""Options that change the picture."""
FILE = ("format", "quality", "bits", "hdr", "headroom")
"""Options that say how it is written."""
MANY = ("jobs", "force")
"""Options of many brackets."""


def words_of(settings: Mapping[str, Any], names: Sequence[str] = LOOK) -> list[str]:
    """The options that settings mean, without those that have their default.

    Args:
        settings: Values by the name of an option, `_` for `-`; others than `names` are left out.
        names: Which options, in the order of the words.

    Raises:
        InputError: A name that is none of the page's, or a value that the option does not take.
    """
    unknown = sorted(set(settings) - {*LOOK, *FILE, *MANY})
    if unknown:
        raise InputError(f"{unknown[0]}: Expected a setting of the page. Got another")
    usual = vars(parse([]))
    words = []
    for name in names:
        value = settings.get(name)
        if value is None or value is False or value == "" or _text(value) == _text(usual[name]):
            continue
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [_word(name, value)])]
    parse(words)
    return words


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{name}: Expected a word or a number. Got {type(value).__name__}")
    text = _text(value)
    if text.startswith("-") and not isinstance(value, int | float):
        raise InputError(f"{name}: Expected a word that begins otherwise. Got {text!r}")
    return text


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def suffix_of(settings: Mapping[str, Any]) -> str:
    """The format of the result, as the ending of its file's name."""
    options = parse(words_of(settings, FILE))
    return f".{options.format or 'jpg'}"


def command_line(inputs: Sequence[str], output: str, words: Sequence[str]) -> str:
    """A line for a shell.

    Args:
        inputs: Files or folders as they are to be shown.
        output: File or folder of the result.
        words: Options.
    """
    named = [f"./{name}" if name.startswith("-") else name for name in inputs]
    return shlex.join(["hdr-fuse", *named, "-o", output, *words])


def result_name(bracket: str, suffix: str) -> str:
    """What a result is called: like its bracket."""
    return f"{PurePath(bracket).name or 'bracket'}_fused{suffix}"
