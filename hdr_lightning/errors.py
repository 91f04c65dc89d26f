"""The one exception that commands print as a single line instead of a traceback."""


class InputError(ValueError):
    """Bad input from the user: the message names the file or key, what was expected and what was found."""
