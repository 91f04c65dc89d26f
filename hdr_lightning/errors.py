"""The one exception that commands print as a single line instead of a traceback."""


class InputError(ValueError):
    """Bad input from the user: the message names the file or key, what was expected and what was found."""


def one_line(error: BaseException) -> str:
    """What a library says of an error, in one line; its type where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def is_text(word: str) -> bool:
    """Whether a word is text, and not a file's name of bytes that mean nothing in UTF-8."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
