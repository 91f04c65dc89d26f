"""Objects from their configuration, with one clear line where a setting does not fit."""

from typing import Any

from hydra.utils import instantiate

from hdr_lightning.errors import InputError


def build(part: dict[str, Any], key: str, **arguments: Any) -> Any:
    """Instantiate `{"_target_": ..., argument: value, ...}`.

    Args:
        part: The configuration, plain types.
        key: What to call it in errors.
        arguments: Further arguments that are no configuration.

    Raises:
        InputError: The target does not exist or refuses its arguments.
    """
    try:
        return instantiate(part, **arguments, _convert_="all")
    except Exception as error:
        cause: BaseException = error
        while not isinstance(cause, InputError) and cause.__cause__ is not None:
            cause = cause.__cause__
        if isinstance(cause, InputError):
            raise cause from None
        raise InputError(
            f"{key}: Expected settings that {part.get('_target_')} accepts. Got: {cause}"
        ) from error
