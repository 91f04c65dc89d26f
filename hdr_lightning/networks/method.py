"""Ways to fuse by the name that people type: ``variance``, ``adaptive:first+weighted_sum``, ``best.ckpt``."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple

from torch import nn

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Adaptive, Average, Mertens, Variance
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.checkpoints import SHIPPED, load_fusion


def shipped() -> nn.Module:
    """The trained network of the package."""
    return load_fusion(SHIPPED).fuser


DEFAULT = "bandnet"
FUSERS: dict[str, Callable[[], nn.Module]] = {
    "bandnet": shipped,
    "mertens": Mertens,
    "variance": Variance,
    "adaptive": Adaptive,
    "adaptive:first": partial(Adaptive, weight="first"),
    "adaptive:second": partial(Adaptive, weight="second"),
    "average": Average,
}
BLENDINGS: dict[str, Callable[[], nn.Module]] = {
    "weighted_sum": WeightedSum,
    "weighted_sum:ycbcr": partial(WeightedSum, colour="ycbcr"),
    "multiband": MultiBand,
    "multiband:ycbcr": partial(MultiBand, colour="ycbcr"),
    "multiband:in_range": partial(MultiBand, in_range=True),
}
ONNX = ".onnx"
NETWORKS = frozenset({".ckpt", ONNX, ".safetensors"})
"""Suffixes of files that hold a trained network."""
REFINE = "refine:"


class _Spec(NamedTuple):
    """The parts of ``name+blending+refine:steps:megapixels``."""

    name: str
    blending: str | None
    refinement: str | None


def resolve(spec: str) -> Fusion:
    """Build the fusion that a word on the command line names, in evaluation mode.

    Args:
        spec: A name of `FUSERS` or the path of a checkpoint, then optionally ``+`` and a name of `BLENDINGS`;
            without it a fuser takes the blending that suits it best, a network the one it was trained with.
            ``+refine:N`` at the end refines the weights by N steps, see `Refined`, and ``+refine:N:M`` on a
            pyramid level of at most M megapixels.

    Raises:
        InputError: An unknown name, or a checkpoint that cannot be used.
    """
    name, blending, refinement = _split(spec)
    if blending is not None and blending not in BLENDINGS:
        raise InputError(f"{spec}: {_expected('a blending', blending, list(BLENDINGS))}")
    if _is_file(name):
        fusion = _load(Path(name))
    elif name in FUSERS:
        fuser = FUSERS[name]()
        fusion = Fusion(fuser, BLENDINGS[str(fuser.blending)]())
    else:
        kinds = ", ".join(f"*{suffix}" for suffix in sorted(NETWORKS))
        raise InputError(_expected("a method", name, list(FUSERS)) + f" (or name a checkpoint, {kinds})")
    if blending is not None:
        fusion.blending = BLENDINGS[blending]()
    if refinement is not None:
        if not isinstance(fusion.blending, MultiBand):
            raise InputError(f"{spec}: Expected the blending multiband to refine weights. Got weighted_sum")
        from hdr_lightning.fusion.refinement import Refined  # its loss costs a second to import

        fusion.fuser = Refined(fusion.fuser, fusion.blending, *parse_refinement(refinement))
    return fusion.eval()


def parse_refinement(text: str) -> tuple[int, int]:
    """Steps and pixels that ``30`` or ``30:0.5`` asks for: 30 steps, on at most half a megapixel.

    Raises:
        InputError: It is something else.
    """
    steps, _, megapixels = text.partition(":")
    try:
        wanted = int(steps), round(float(megapixels or "1") * 2**20)
    except (ValueError, OverflowError):
        wanted = 0, 0
    if min(wanted) < 1:
        raise InputError(
            "refine: Expected a number of steps, and optionally megapixels, such as 30 or 30:0.5. "
            f"Got {text!r}"
        )
    return wanted


def checkpoint_of(spec: str) -> Path | None:
    """The file that a spec reads, or None for a method without one."""
    name = _split(spec).name
    return Path(name) if _is_file(name) else None


def _split(spec: str) -> _Spec:
    rest, plus, last = spec.rpartition("+")
    if plus and last.startswith(REFINE):
        return _split(rest)._replace(refinement=last.removeprefix(REFINE))
    return _Spec(rest, last, None) if plus and not Path(spec).is_file() else _Spec(spec, None, None)


def _load(file: Path) -> Fusion:
    if file.suffix != ONNX:
        return load_fusion(file)
    from hdr_lightning.networks.onnx import load_onnx  # its libraries are an extra

    return load_onnx(file)


def _is_file(name: str) -> bool:
    return name not in FUSERS and (Path(name).suffix in NETWORKS or Path(name).is_file())


def _expected(what: str, got: str, choices: list[str]) -> str:
    close = get_close_matches(got, choices, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"Expected {what} out of {', '.join(choices)}. Got {got!r}{hint}"
