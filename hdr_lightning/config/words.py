"""What the words of a command line mean before Hydra reads them."""

import re
from collections.abc import Sequence

OPEN_GROUPS = ("model", "blending", "loss", "loss.gamma", "optimizer", "scheduler")
"""Groups that choose a target."""
_TARGET = re.compile(rf"\+{{0,2}}({'|'.join(map(re.escape, OPEN_GROUPS))})\._target_=")


def without_defaults(words: Sequence[str]) -> list[str]:
    """The words, and no choice for each group of which they name a target but no choice.

    So ``model._target_=my_package.Net`` does not get the settings of the network that is the default.
    """
    chosen = {word.lstrip("+").split("=")[0] for word in words}
    result = []
    for word in words:
        result.append(word)  # what is added stands beside it: overrides may not be parted by options
        if (found := _TARGET.match(word)) and found[1] not in chosen:
            chosen.add(found[1])
            result.append(f"{found[1]}=[]")
    return result
