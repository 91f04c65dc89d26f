"""The command `hdr-figures`: the paper's figures of any scene. Heavy imports wait until there is work."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hdr_lightning import __version__
from hdr_lightning.errors import command

_EXAMPLES = """\
examples:
  hdr-figures weights                                            fig. 1 of the first scene of the demo
  hdr-figures gammas --data sice --root SICE --scene 12 -o fig4  fig4.png and fig4.pdf
  hdr-figures fused runs/table2 --data mefb --root MEFB          fig. 5: a network for each gamma of the sweep
"""


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line."""
    options = _parser().parse_args(words)
    from hdr_lightning.figures.drawing import draw
    from hdr_lightning.figures.networks import networks_of
    from hdr_lightning.figures.paper import adaptive_weights, fused_by, gamma_maps
    from hdr_lightning.figures.scene import read_scene

    scene = read_scene(options.data, options.root, options.scene, options.exposures)
    if options.figure == "weights":
        rows = adaptive_weights(scene, options.blend)
    elif options.figure == "gammas":
        rows = gamma_maps(scene)
    else:
        rows = fused_by(scene, networks_of(options.runs, options.blend))
    for file in draw(rows, options.output or Path(options.figure)):
        print(f"  {file}  {scene.name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hdr-figures",
        usage="%(prog)s FIGURE [options]",
        description="Draw the figures of the paper (arXiv 2510.21815) for any scene, as PNG and PDF.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    figures = parser.add_subparsers(dest="figure", required=True, metavar="FIGURE", prog="hdr-figures")
    weights = _figure(figures, "weights", "fig. 1: fused with adaptive weight 1, weight 2, and both")
    gammas = _figure(figures, "gammas", "fig. 4: gamma maps of all six kinds, for every exposure")
    fused = _figure(figures, "fused", "fig. 5: the fused image of every setting of a sweep", "FOLDER ... ")
    fused.add_argument("runs", nargs="+", type=Path, metavar="FOLDER", help="a sweep, or any runs")
    weights.add_argument(
        "--blend", default="weighted_sum", metavar="NAME", help="default: weighted_sum, eq. 2"
    )
    fused.add_argument("--blend", metavar="NAME", help="default: as trained")
    for figure in (weights, gammas, fused):
        _add_scene(figure)
    return parser


def _figure(figures: Any, name: str, shows: str, takes: str = "") -> argparse.ArgumentParser:
    usage = f"hdr-figures {name} {takes}[options]"
    return figures.add_parser(name, usage=usage, help=shows)


def _add_scene(figure: argparse.ArgumentParser) -> None:
    add = figure.add_argument
    add("--data", default="demo", choices=("demo", "folder", "pairs", "sice", "mefb"), help="default: demo")
    add("--root", type=Path, metavar="FOLDER", help="where the data set lies")
    add("--scene", metavar="NAME", help="default: the first one")
    add("--exposures", default="pair", choices=("pair", "stack"), help="darkest and brightest, or all")
    add("-o", "--output", type=Path, metavar="STEM", help="of the two files; default: the figure's name")


if __name__ == "__main__":
    main()
