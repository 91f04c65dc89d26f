"""A preview has its bracket found, read and aligned while torch is loaded: by a process of its own.

It is a head start and no more. What that process cannot do is done again, and told, by the one that waits for
it; what it has done for other files or by other options than are asked for then is not used.
"""

import signal
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TextIO

from hdr_lightning.brackets.agreeing import position_of
from hdr_lightning.brackets.card import Grouping
from hdr_lightning.brackets.inputs import STANDARD, Found, find_brackets
from hdr_lightning.brackets.options import PREVIEW
from hdr_lightning.brackets.remembered import Remembered, RememberedSteps
from hdr_lightning.freed_memory import keep_freed_memory
from hdr_lightning.fusion.deghost import deghosting


class Begun(RememberedSteps):
    """What was found, read and made to agree, if anything was."""

    def __init__(self) -> None:
        super().__init__()
        self._found = Remembered()

    def find(self, words: Sequence[str], stdin: TextIO, grouping: Grouping) -> Found:
        """As `find_brackets`."""
        found: Found = self._found((*words, grouping), lambda: find_brackets(words, stdin, grouping))
        return found


def head_start(options: Namespace) -> Callable[[], Begun]:
    """Begin what the options of `hdr-fuse` ask for, if it is a preview; what waits for how far that got."""
    loaded = "torch" in sys.modules  # there is nothing to wait for, and its threads do not survive a fork
    if not options.preview or STANDARD in options.inputs or loaded or sys.platform != "linux":
        return Begun
    keep_freed_memory()
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of numpy's threads, which wait for work
        context.Process(target=_begin, args=(options, sender), daemon=True).start()
    sender.close()
    return lambda: _received(receiver)


def _received(receiver: Connection) -> Begun:
    try:
        begun: Begun = receiver.recv()
    except Exception:  # of any type: the process died, or what came cannot be put together again
        return Begun()
    return begun


def _begin(options: Namespace, sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends this
    warnings.simplefilter("ignore")  # they are kept, for the command to tell
    begun = Begun()
    with suppress(Exception):  # of any type: the command meets it too
        _agree(begun, options)
    with suppress(Exception):  # nobody waits any more, or it cannot be sent
        sender.send(begun)


def _agree(begun: Begun, options: Namespace) -> None:
    brackets = begun.find(options.inputs, sys.stdin, options.group).brackets
    if len(brackets) > 1:
        return
    files = brackets[0].files
    names = [str(file) for file in files]
    photographs, alphas, _ = begun.read(files, PREVIEW)
    if not options.wrap:
        still = position_of(options.reference, names)
        deghost = deghosting(options.deghost)
        begun.together(photographs, deghost, names, options.align, still, options.drop_unaligned, alphas)
