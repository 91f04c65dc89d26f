"""The options of `hdr-fuse`: those of every day in its help, the others in `--help-all`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from hdr_lightning import __version__
from hdr_lightning.brackets import words as kinds
from hdr_lightning.errors import InputError

PREVIEW = 1280
"""Longest side in pixels of a preview."""

_EXAMPLES = """\
examples:
  hdr-fuse under.jpg over.jpg -o fused.png           two exposures or more, in any order
  hdr-fuse 'IMG_10[1-3].tif' -o fused.tif            a bracket, hand-held too; 16 bits stay 16 bits
  hdr-fuse one.jpg                                   a single photograph: one_fused.jpg beside it
  hdr-fuse under.jpg over.jpg --refine 30            weights adjusted to these exposures, seconds a megapixel
  hdr-fuse card/ -o fused/ --format jpg              every bracket on a card, or in every sub-folder

A single photograph is fused with a brighter version of itself: that lifts its shadows and brings nothing back
that is clipped. EXIF and colour profile are those of the middle exposure, or the darker of two.
"""

_SLIDERS = {
    "brightness": "the whole picture darker or brighter",
    "highlights": "bright areas darker (-1 pulls a window) or brighter",
    "shadows": "dark areas darker or brighter",
    "saturation": "colours weaker (-1 is gray) or stronger",
}


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)


class _HelpAll(argparse.Action):
    def __call__(self, *_: object) -> None:
        parser_of(everything=True).print_help()
        sys.exit(0)


class _Refusing(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options that words mean, for another program than the command.

    Raises:
        InputError: They mean none.
    """
    return parser_of(kind=_Refusing).parse_args(words)


def parser_of(
    everything: bool = False, kind: type[argparse.ArgumentParser] = argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """The command line; its help is one screen of what is needed every day, unless `everything` is shown."""
    parser = kind(
        prog="hdr-fuse",
        usage="%(prog)s INPUT ... [-o OUTPUT] [options]",
        description="Fuse differently exposed photographs of one scene into one that shows everything well.",
        epilog=_EXAMPLES,
        formatter_class=_Help,
    )
    add = parser.add_argument
    add("inputs", nargs="*", metavar="INPUT", help="images, folders or patterns; - reads names")
    add("-o", "--output", help="file (.png, .jpg, .tif, .exr ...), folder, or - for standard output")
    add(
        "--group",
        type=kinds.grouping,
        metavar="N|auto|off",
        help="a bracket is: found (auto), every N files, or off",
    )
    add("--force", action="store_true", help="overwrite what is there")
    add("--methods", action="store_true", help="list the methods and leave")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    add("--help-all", action=_HelpAll, nargs=0, help="show every option and leave")
    _adjusting(parser.add_argument_group("adjust the result, each from -1 to 1, 0 changes nothing"))
    _moving(_Rare(parser.add_argument_group("hands and crowds"), everything))
    _fusing(_Rare(parser.add_argument_group("fusion"), everything))
    _writing(_Rare(parser.add_argument_group("output"), everything))
    _working(_Rare(parser.add_argument_group("many brackets"), everything))
    return parser


class _Rare:
    """A group of options, of which those added by `rarely` are in the help only where everything is."""

    def __init__(self, group: argparse._ArgumentGroup, everything: bool) -> None:
        self.add, self.set_defaults = group.add_argument, group.set_defaults
        self._group, self._everything = group, everything

    def one_of(self) -> "_Rare":
        return _Rare(self._group.add_mutually_exclusive_group(), self._everything)

    def rarely(self, *names: str, help: str, **details: Any) -> None:
        self.add(*names, help=help if self._everything else argparse.SUPPRESS, **details)


def _adjusting(group: argparse._ArgumentGroup) -> None:
    for name, does in _SLIDERS.items():
        group.add_argument(f"--{name}", type=kinds.slider, default=0.0, metavar="X", help=does)


def _moving(group: _Rare) -> None:
    group.add(
        "--align",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="undo camera motion: auto (default), always, never",
    )
    group.add(
        "--deghost",
        default="auto",
        metavar="auto|off|0..1",
        help="show what moves once; default: auto",
    )
    group.rarely("--ghosts-out", type=Path, metavar="FOLDER", help="write there where ghosts were removed")
    group.rarely(
        "--drop-unaligned", action="store_true", help="leave exposures out that do not match the others"
    )
    group.rarely(
        "--reference",
        type=kinds.number,
        metavar="N|auto",
        help="the exposure that shows where things are, 1 for the first named; default: auto",
    )


def _fusing(group: _Rare) -> None:
    method = group.one_of()
    method.add("--method", default="bandnet", metavar="NAME", help="default: bandnet; see --methods")
    method.rarely(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="a trained network instead of a method: .ckpt, .safetensors or .onnx",
    )
    group.rarely(
        "--blend",
        metavar="NAME",
        help="multiband or weighted_sum, :ycbcr added takes the most saturated colours, multiband:in_range "
        "clips less, multiband:matched keeps colours too; default: what suits the method",
    )
    group.rarely(
        "--wrap", action="store_true", help="a panorama of 360 degrees: left and right edge fit each other"
    )
    group.add(
        "--refine",
        metavar="STEPS[:MEGAPIX]",
        help="adjust weights to these exposures; 30 is good",
    )


def _writing(group: _Rare) -> None:
    group.add("--preview", action="store_true", help="in the size of a screen, to try options in seconds")
    group.add(
        "--hdr",
        action="store_true",
        help="Ultra HDR: a JPEG with the bracket's light",
    )
    group.add(
        "--format",
        choices=("png", "jpg", "tif", "webp", "avif", "jxl", "exr", "hdr"),
        metavar="NAME",
        help="png, jpg, tif, webp, avif, jxl, exr or hdr",
    )
    group.add(
        "--quality",
        type=kinds.quality,
        default=95,
        metavar="1-100",
        help="of JPEG, WebP, AVIF and JXL; default: 95",
    )
    group.rarely(
        "--headroom",
        type=kinds.headroom,
        default=4.0,
        metavar="STOPS",
        help="most that --hdr may be brighter than white; default: 4, if the scene has it",
    )
    group.rarely("--bits", type=int, choices=(8, 16), help="default: those of the exposures, and 8 in JPEG")
    group.rarely(
        "--weights-out", type=Path, metavar="FOLDER", help="write each exposure's weights there, 16-bit PNG"
    )


def _working(group: _Rare) -> None:
    group.rarely(
        "--dry-run", action="store_true", help="print which photographs would become what, and leave"
    )
    group.rarely(
        "--same-base",
        action="store_true",
        help="brackets of one panorama: equally bright where they overlap",
    )
    group.set_defaults(base=None)  # what they have in common, once it is known
    group.add(
        "--jobs",
        type=kinds.jobs,
        default=1,
        metavar="N",
        help="brackets fused at once, or auto: one a core",
    )
    group.add(
        "--sheet",
        type=Path,
        metavar="FILE.html",
        help="a page with every result and its exposures",
    )
    group.rarely(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        default="auto",
        help="what fuses; default: auto, a GPU where there is one",
    )
    group.rarely(
        "--cluster", metavar="ADDRESS", help="fuse on a Ray cluster: its address, auto, or local (extra ray)"
    )
