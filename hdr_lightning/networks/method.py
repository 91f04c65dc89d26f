"""Ways to fuse by the name that people type: `variance`, `adaptive:first+weighted_sum`, `best.ckpt`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from torch import nn

from hdr_lightning.blending import MultiBand, WeightedSum
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Adaptive, Average, BandNet, Fuser, Mertens, Variance
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.networks.checkpoints import SCORE, SHIPPED, load_fusion
from hdr_lightning.parts import Parts


def shipped(file: Path = SHIPPED, blending: str = BandNet.blending) -> Fuser:
    """A trained network of the package, and the blending that it was trained with."""
    fuser = load_fusion(file).fuser
    fuser.blending = blending
    return fuser


DEFAULT = "bandnet"
FUSERS: Parts[Callable[[], Fuser]] = Parts(
    "fusers",
    "a method",
    {
        "bandnet": shipped,
        "bandnet:score": partial(shipped, SCORE, "multiband:in_range"),
        "mertens": Mertens,
        "variance": Variance,
        "adaptive": Adaptive,
        "adaptive:first": partial(Adaptive, weight="first"),
        "adaptive:second": partial(Adaptive, weight="second"),
        "average": Average,
    },
)
BLENDINGS: Parts[Callable[[], nn.Module]] = Parts(
    "blendings",
    "a blending",
    {
        "weighted_sum": WeightedSum,
        "weighted_sum:ycbcr": partial(WeightedSum, colour="ycbcr"),
        "multiband": MultiBand,
        "multiband:ycbcr": partial(MultiBand, colour="ycbcr"),
        "multiband:in_range": partial(MultiBand, in_range=True),
        "multiband:matched": partial(MultiBand, colour="matched", in_range=True),
    },
)
ONNX = ".onnx"
NETWORKS = frozenset({".ckpt", ONNX, ".safetensors"})
"""Suffixes of files that hold a trained network."""
REFINE, DEGHOST = "refine:", "deghost"


class Refinement(NamedTuple):
    """How far the weights are adjusted to one set of exposures, see `Refined`.

    Attributes:
        steps: Of optimisation, at least 1.
        megapixels: Size, in units of 2 ** 20 pixels, of the largest pyramid level to optimise on.
    """

    steps: int
    megapixels: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `30`, or `30:0.5` for 30 steps on at most half a megapixel.

        Raises:
            InputError: It is something else.
        """
        steps, _, megapixels = text.partition(":")
        try:
            wanted = cls(int(steps), float(megapixels or "1"))
            possible = wanted.steps >= 1 and wanted.pixels >= 1
        except (ValueError, OverflowError):
            possible = False
        if not possible:
            raise InputError(
                "refine: Expected a number of steps, and optionally megapixels, such as 30 or 30:0.5. "
                f"Got {text!r}"
            )
        return wanted

    def __str__(self) -> str:
        return f"{self.steps}" if self.megapixels == 1 else f"{self.steps}:{self.megapixels:g}"

    @property
    def pixels(self) -> int:
        """Pixels of the largest level to optimise on."""
        return round(self.megapixels * 2**20)


@dataclass(frozen=True)
class Method:
    """A way to fuse, parsed from and printed as what people type: `name[+blending][+deghost][+refine:STEPS]`.

    Attributes:
        name: One of `FUSERS`, or the path of a checkpoint.
        blending: One of `BLENDINGS`; None for the one that suits a fuser best or a network was trained with.
        refinement: How far the weights are adjusted to the exposures; None for not at all.
        deghost: What follows `deghost:`, a sensitivity; None for taking exposures as they are.
    """

    name: str
    blending: str | None = None
    refinement: Refinement | None = None
    deghost: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a method as it is typed.

        Raises:
            InputError: What follows `refine:` is no refinement.
        """
        rest, plus, last = text.rpartition("+")
        if plus and last.startswith(REFINE):
            return replace(cls.parse(rest), refinement=Refinement.parse(last.removeprefix(REFINE)))
        if plus and last.split(":")[0] == DEGHOST:
            return replace(cls.parse(rest), deghost=last.removeprefix(DEGHOST).removeprefix(":") or "auto")
        return cls(rest, last) if plus and not Path(text).is_file() else cls(text)

    def __str__(self) -> str:
        refinement = self.refinement and f"{REFINE}{self.refinement}"
        deghost = self.deghost and (DEGHOST if self.deghost == "auto" else f"{DEGHOST}:{self.deghost}")
        return "+".join(part for part in (self.name, self.blending, deghost, refinement) if part is not None)

    @property
    def checkpoint(self) -> Path | None:
        """The file that holds the network; None for a method without one."""
        is_file = Path(self.name).suffix in NETWORKS or Path(self.name).is_file()
        return Path(self.name) if self.name not in FUSERS and is_file else None

    def explicit(self) -> Self:
        """The same method with its blending named; that of a checkpoint is only known to the file."""
        if self.blending is not None or self.name not in FUSERS:
            return self
        return replace(self, blending=build_fuser(self.name).blending)

    def build(self) -> Fusion:
        """The fusion that does it, in evaluation mode.

        Raises:
            InputError: An unknown name, a bad checkpoint, or a blending that cannot be refined.
        """
        if self.blending is not None:
            BLENDINGS.find(self.blending, str(self))
        fusion = self._unrefined()
        fusion.deghost = None if self.deghost is None else deghosting(self.deghost)
        if self.refinement is not None:
            if not isinstance(fusion.blending, MultiBand):
                raise InputError(
                    f"{self}: Expected the blending multiband to refine weights. Got weighted_sum"
                )
            if fusion.blending.levels is not None:
                levels = fusion.blending.levels
                raise InputError(f"{self}: Expected blending.levels=null to refine weights. Got {levels}")
            from hdr_lightning.fusion.refinement import Refined  # its loss costs a second to import

            fusion.fuser = Refined(
                fusion.fuser, fusion.blending, self.refinement.steps, self.refinement.pixels
            )
            fusion.recipe = None
        return fusion.eval()

    def _unrefined(self) -> Fusion:
        if self.checkpoint is not None:
            fusion = _load(self.checkpoint)
            if self.blending is not None:
                fusion.blending, fusion.recipe = BLENDINGS.find(self.blending)(), None
            return fusion
        fuser = build_fuser(self.name)
        return Fusion(fuser, BLENDINGS.find(self.blending or fuser.blending, str(self))())


def build_fuser(name: str) -> Fuser:
    """The fuser of a method without a checkpoint.

    Raises:
        InputError: There is none of that name, or it is no `Fuser`.
    """
    kinds = ", ".join(f"*{suffix}" for suffix in sorted(NETWORKS))
    fuser: object = FUSERS.find(name, more=f"(or name a checkpoint, {kinds})")()
    if not isinstance(fuser, Fuser):
        raise InputError(f"{name}: Expected a hdr_lightning.fusers.Fuser. Got {type(fuser).__name__}")
    return fuser


def resolve(text: str) -> Fusion:
    """Build the fusion that a word on the command line names, in evaluation mode.

    Args:
        text: A `Method` as it is typed: `bandnet`, `adaptive:first+weighted_sum`, `best.ckpt+refine:30`.

    Raises:
        InputError: An unknown name, or a checkpoint that cannot be used.

    Examples:
        >>> fusion = resolve("mertens+weighted_sum")
        >>> type(fusion.fuser).__name__, type(fusion.blending).__name__
        ('Mertens', 'WeightedSum')
    """
    return Method.parse(text).build()


def _load(file: Path) -> Fusion:
    if file.suffix != ONNX:
        return load_fusion(file)
    from hdr_lightning.networks.onnx import load_onnx  # its libraries are an extra

    return load_onnx(file)
