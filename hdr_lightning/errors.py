"""The one exception that commands print as a single line instead of a traceback, and how they leave."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from typing import ParamSpec

Words = ParamSpec("Words")
TOO_LONG = "Expected a name of a length that the disk can hold."


class InputError(ValueError):
    """Bad input from the user: the message names the file or key, what was expected and what was found."""


def one_line(error: BaseException) -> str:
    """What a library says of an error, in one line; its type where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def is_named_too_long(error: OSError) -> bool:
    """Whether the system refuses a name because of its length."""
    return error.errno == errno.ENAMETOOLONG


def nearest(word: str, choices: Iterable[str]) -> str:
    """The end of a message about a word that is none of the choices: which of them it is most like."""
    lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower(), lower, n=1)
    return f"; did you mean {lower[close[0]]}?" if close else ""


def is_text(word: str) -> bool:
    """Whether a word is text, and not a file's name of bytes that mean nothing in UTF-8."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def command(main: Callable[Words, None]) -> Callable[Words, None]:
    """Let the function of a command leave without a traceback.

    With status 1 and one line where its input is bad or the system refuses a file; without a word and with
    the status that shells give where it is interrupted (130), or where nobody reads on what it prints (141).
    Names that are no text are printed with their bytes as numbers.
    """

    @wraps(main)
    def leaving(*words: Words.args, **options: Words.kwargs) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            try:
                main(*words, **options)
            finally:
                sys.stdout.flush()
        except InputError as error:
            sys.exit(f"error: {error}")
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed once more at the end
            sys.exit(141)
        except OSError as error:
            if error.filename is None:
                raise
            expected = TOO_LONG if is_named_too_long(error) else "Expected a file or folder that can be used."
            sys.exit(f"error: {expected} Got {error.filename}: {error.strerror}")

    return leaving
