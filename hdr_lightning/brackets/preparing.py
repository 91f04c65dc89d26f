"""What the options of `hdr-fuse` ask for: the method, built and adjusted, and the list of all methods."""

from argparse import Namespace
from dataclasses import replace

from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.adjustments import Adjustments, adjust
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.networks.method import BLENDINGS, DEFAULT, FUSERS, Method, Refinement, build_fuser

_ABOUT = {
    "bandnet": "A trained network that keeps brightness and colours",
    "bandnet:score": "A network trained on the score MEF-SSIM alone: more local contrast, paler colours",
    "mertens": "Contrast, saturation and good exposure decide, as in OpenCV and enfuse (Mertens 2007)",
    "variance": "The exposure with more local detail counts more (eq. 4 of the paper)",
    "adaptive": "Dark parts of bright exposures count, bright parts of dark ones, and rare values (Lee 2018)",
    "adaptive:first": "The first of the two adaptive weights alone, without that of rare values",
    "adaptive:second": "The second of the two adaptive weights alone, that of rare values",
    "average": "The plain mean, to compare with",
}
"""What each method of this package does, for who has to choose one."""


def prepared(options: Namespace) -> tuple[str, Fusion]:
    """The fusion that the options ask for, and what to call it."""
    method = _method(options)
    adjustments = Adjustments(*(getattr(options, name) for name in Adjustments._fields))
    label = f"{method}, {adjustments}" if adjustments else str(method)
    fusion = method.build()
    fusion.deghost = fusion.deghost or deghosting(options.deghost)
    if options.ghosts_out is not None and fusion.deghost is None:
        raise InputError("ghosts-out: Expected --deghost auto or a number. Got off")
    return label, adjust(fusion, adjustments)


def _method(options: Namespace) -> Method:
    """What the options name."""
    if options.checkpoint is None:
        method = Method.parse(options.method)
    elif options.checkpoint.is_file():
        method = Method(str(options.checkpoint))
    else:
        raise InputError(f"Expected a checkpoint. Got {options.checkpoint}, which is no file")
    if options.blend is not None:
        method = replace(method, blending=options.blend)
    if options.deghost != "auto":
        method = replace(method, deghost=None)
    if options.refine is not None:
        method = replace(method, refinement=Refinement.parse(options.refine))
    return method.explicit()


def print_methods() -> None:
    """Print a line for each method, and what else can be chosen."""
    width = max(map(len, FUSERS))
    for name in FUSERS:
        default = " The default." if name == DEFAULT else ""
        print(f"{name:<{width}}  {described(name)}{default}")
    print(f"\n--blend takes {' or '.join(BLENDINGS)}, --checkpoint a network trained by train.py.")


def described(name: str) -> str:
    """A line about a method: of an installed package's the first of its docstring."""
    try:
        fuser = build_fuser(name)
    except InputError as error:  # an installed package's, which is no reason to hide the others
        return f"cannot be used: {error}"
    line = _ABOUT.get(name) or (fuser.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return f"{line}. Blending: {fuser.blending}."
