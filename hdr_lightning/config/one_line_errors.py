"""Wrong configurations told in one line: Hydra takes many, and a traceback where YAML is bad."""

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import Container, DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import YAMLError

from hdr_lightning.config.words import arranged
from hdr_lightning.errors import TOO_LONG, InputError, is_named_too_long, nearest

FULL = "HYDRA_FULL_ERROR"
"""Environment variable that makes Hydra raise its errors; people set it to see where they come from."""
_INSIDES = ("full_key:", "object_type=", "reference_type=", "To append to your config use", "See https")


def hydra_command(main: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of `hydra.main` leave with status 1 and one line where its configuration is wrong."""

    @wraps(main)
    def leaving(*passed: Any) -> Any:
        if passed:  # a launcher's process calls it with the configuration of its job
            return main(*passed)
        sys.argv[1:] = arranged(sys.argv[1:])
        asked = os.environ.get(FULL)
        os.environ[FULL] = "1"
        try:
            return main()
        except InputError as error:
            sys.exit(f"error: {error}")
        except (HydraException, MissingConfigException, OmegaConfBaseException, YAMLError) as error:
            if asked == "1":
                raise
            sys.exit(f"error: {in_one_line(error)}")
        except OSError as error:
            if not is_named_too_long(error):
                raise
            sys.exit(f"error: {TOO_LONG} Got {error.filename}")
        finally:
            if asked is None:
                os.environ.pop(FULL, None)
            else:
                os.environ[FULL] = asked

    return leaving


def in_one_line(error: BaseException) -> str:
    """What an error of Hydra says and why, without where in its own insides that was."""
    if isinstance(error, OverrideParseException):
        message = f"{error.override}: {'. '.join(_lines(str(error)))}"
        return _quoted(str(error.override)) or message
    causes = [error, error.__cause__] if error.__cause__ else [error]
    message = ". ".join(dict.fromkeys(line for cause in causes for line in _lines(str(cause))))
    message += next(filter(None, map(_hint, causes)), "")
    key = getattr(causes[-1], "full_key", None)
    return message if key is None or key in message else f"{key}: {message}"


def _hint(error: BaseException) -> str:
    """Which choice, key or value was perhaps meant."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return nearest(error.missing_cfg_file.rpartition("/")[2], error.options or ())
    if isinstance(error, ConfigKeyError | ConfigAttributeError) and error.parent_node is not None:
        key, node = str(error.key), error.parent_node
        places = " or ".join(_places(node, key))
        return f"; did you mean {places}?" if places else nearest(key, map(str, node))
    if "is not a ListConfig" in str(error):
        return ", written as '[a,b]'"
    if found := re.search(r"Invalid value '(.*)', expected one of \[(.*)\]", str(error)):
        return nearest(found[1], found[2].split(", "))
    return ""


def _places(node: Container, key: str, prefix: str = "") -> Iterator[str]:
    """Where a key is that was named without its group: `optimizer.lr` for `lr`."""
    if not isinstance(node, DictConfig) or node._is_none() or node._is_missing():
        return
    for name, part in node.items_ex(resolve=False):
        if isinstance(part, DictConfig) and name != "hydra":
            place = f"{prefix}{name!s}."
            yield from [f"{place}{key}"] if key in part else []
            yield from _places(part, key, place)


def _quoted(override: str) -> str:
    """How to write a value that a shell or Hydra's grammar takes in quotes only: spaces, other languages."""
    key, _, value = override.partition("=")
    if not value or value[0] in "'\"":
        return ""
    for meant in _meant(override, key, value):
        if _is_override(meant):
            return f"{override}: Expected quotes around such a value: {shlex.quote(meant)}"
    return f"{override}: Expected a list such as '{key}=[a, b]', with quotes" if value[0] == "[" else ""


def _meant(override: str, key: str, value: str) -> Iterator[str]:
    """What may be meant: a list that the shell has taken apart, a list of texts, or a text."""
    if value[0] in "[{" and override in sys.argv:
        rest = sys.argv[sys.argv.index(override) :]
        yield from (" ".join(rest[:count]) for count in range(2, len(rest) + 1))
    if value[0] == "[" and value[-1] == "]":
        yield f"{key}=[{','.join(_text(part.strip()) for part in value[1:-1].split(','))}]"
    if value[0] not in "[{" or "]" in value or "}" in value:
        yield f"{key}={_text(value)}"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_override(word: str) -> bool:
    try:
        OverridesParser.create().parse_override(word)
    except HydraException:
        return False
    return True


def _lines(text: str) -> Iterator[str]:
    """The lines that help; a list below a line that ends with a colon is put behind it."""
    paragraph = ""
    for raw in text.split("Config search path")[0].splitlines():
        line = raw.strip()
        if not line or line.startswith(_INSIDES):
            continue
        if paragraph.endswith(":"):
            paragraph += f" {line}"
        elif paragraph and raw.startswith("\t"):
            paragraph += f", {line}"
        else:
            yield from [paragraph.rstrip(".")] if paragraph else []
            paragraph = line
    yield from [paragraph.rstrip(".")] if paragraph else []
