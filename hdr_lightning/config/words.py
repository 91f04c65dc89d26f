"""What the words of a command line mean before Hydra reads them."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from hdr_lightning.errors import is_text

OPEN_GROUPS = ("model", "blending", "loss", "loss.gamma", "optimizer", "scheduler")
"""Groups that choose a target."""
_TARGET = re.compile(rf"\+{{0,2}}({'|'.join(map(re.escape, OPEN_GROUPS))})\._target_=")
FLAGS = (
    ("--help", "-h"),
    ("--hydra-help",),
    ("--version",),
    ("--resolve",),
    ("--run", "-r"),
    ("--multirun", "-m"),
    ("--shell-completion", "-sc"),
)
"""Hydra's options that stand alone."""
VALUES = (
    ("--package", "-p"),
    ("--config-path", "-cp"),
    ("--config-name", "-cn"),
    ("--config-dir", "-cd"),
    ("--experimental-rerun",),
)
"""Hydra's options that are followed by a word."""
CFG = ("job", "hydra", "all")
INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


def arranged(words: Sequence[str]) -> list[str]:
    """The words as Hydra takes them: options first, then the overrides, see `without_defaults`.

    Ends the program with a usage message, as other commands do, where an option is wrong: Hydra lists all
    that there are, or raises an error.
    """
    parser = parser_of_options()
    parser.usage = "%(prog)s [KEY=VALUE ...] [options], see --help"
    if strange := [word for word in words if not is_text(word)]:
        parser.error(f"expected words in UTF-8, got {strange[0]!a}")
    found = parser.parse_intermixed_args(list(words))
    _check(parser, found)
    options = list(words)
    for override in found.overrides:
        options.remove(override)
    return [*options, *without_defaults(found.overrides)]


def parser_of_options() -> ArgumentParser:
    """A parser of Hydra's options, in a form that no version of Hydra promises to have."""
    parser = ArgumentParser(add_help=False)
    for names in FLAGS:
        parser.add_argument(*names, action="store_true")
    for names in VALUES:
        parser.add_argument(*names)
    parser.add_argument("--cfg", "-c", choices=CFG)
    parser.add_argument("--info", "-i", nargs="?", const="all", choices=INFO)
    parser.add_argument("overrides", nargs="*")
    return parser


def without_defaults(overrides: Sequence[str]) -> list[str]:
    """The overrides, and no choice for each group of which they name a target but no choice.

    So `model._target_=my_package.Net` does not get the settings of the network that is the default.
    """
    chosen = {word.lstrip("+").split("=")[0] for word in overrides}
    targets = dict.fromkeys(found[1] for found in map(_TARGET.match, overrides) if found)
    return [*overrides, *(f"{group}=[]" for group in targets if group not in chosen)]


def _check(parser: ArgumentParser, found: Namespace) -> None:
    ways = (found.run, found.multirun, found.cfg, found.info, found.shell_completion)
    if sum(map(bool, ways)) > 1:
        parser.error("expected one of --run, --multirun, --cfg, --info and --shell_completion")
    if found.resolve and not (found.cfg or found.help):
        parser.error("expected --cfg or --help with --resolve")
