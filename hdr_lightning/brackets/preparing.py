"""What the options of `hdr-fuse` ask for: the method, built and adjusted, and the list of all methods."""

from argparse import Namespace
from dataclasses import replace

from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.adjustments import Adjustments, adjust
from hdr_lightning.fusion.deghost import deghosting
from hdr_lightning.networks.method import BLENDINGS, DEFAULT, FUSERS, Method, Refinement, build_fuser


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
    """First line of a fuser's docstring, with the arguments that make a variant of it."""
    try:
        fuser = build_fuser(name)
    except InputError as error:  # an installed package's, which is no reason to hide the others
        return f"cannot be used: {error}"
    variant = [f", {key}={value}" for key, value in getattr(FUSERS[name], "keywords", {}).items()]
    line = (fuser.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return f"{line}{''.join(variant)}. Blending: {fuser.blending}."
