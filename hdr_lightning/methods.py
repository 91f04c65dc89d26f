"""Ways to fuse by the name that people type: ``variance``, ``adaptive:first+weighted_sum``, ``best.ckpt``."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from torch import nn

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.checkpoints import load_fusion
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Adaptive, Average, Mertens, Variance
from hdr_lightning.fusion import Fusion

FUSERS: dict[str, Callable[[], nn.Module]] = {
    "average": Average,
    "mertens": Mertens,
    "adaptive": Adaptive,
    "adaptive:first": partial(Adaptive, weight="first"),
    "adaptive:second": partial(Adaptive, weight="second"),
    "variance": Variance,
}
BLENDINGS: dict[str, Callable[[], nn.Module]] = {
    "weighted_sum": WeightedSum,
    "weighted_sum:ycbcr": partial(WeightedSum, colour="ycbcr"),
    "multiband": MultiBand,
    "multiband:ycbcr": partial(MultiBand, colour="ycbcr"),
}


def resolve(spec: str) -> Fusion:
    """Build the fusion that a word on the command line names, in evaluation mode.

    Args:
        spec: A name of `FUSERS` or the path of a checkpoint, then optionally ``+`` and a name of `BLENDINGS`;
            without it a fuser takes the blending that suits it best, a network the one it was trained with.

    Raises:
        InputError: An unknown name, or a checkpoint that cannot be used.
    """
    name, blending = _split(spec)
    if blending is not None and blending not in BLENDINGS:
        raise InputError(f"{spec}: {_expected('a blending', blending, list(BLENDINGS))}")
    if _is_file(name):
        fusion = load_fusion(name)
    elif name in FUSERS:
        fuser = FUSERS[name]()
        fusion = Fusion(fuser, BLENDINGS[str(fuser.blending)]())
    else:
        raise InputError(_expected("a method", name, list(FUSERS)) + " (or name a checkpoint, *.ckpt)")
    if blending is not None:
        fusion.blending = BLENDINGS[blending]()
    return fusion.eval()


def checkpoint_of(spec: str) -> Path | None:
    """The file that a spec reads, or None for a method without one."""
    name, _ = _split(spec)
    return Path(name) if _is_file(name) else None


def _split(spec: str) -> tuple[str, str | None]:
    name, plus, blending = spec.rpartition("+")
    return (name, blending) if plus and not Path(spec).is_file() else (spec, None)


def _is_file(name: str) -> bool:
    return name not in FUSERS and (Path(name).suffix == ".ckpt" or Path(name).is_file())


def _expected(what: str, got: str, choices: list[str]) -> str:
    close = get_close_matches(got, choices, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"Expected {what} out of {', '.join(choices)}. Got {got!r}{hint}"
