"""The command `hdr-export`: a checkpoint to the network alone. Heavy imports wait until there is work."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from hdr_lightning import __version__
from hdr_lightning.errors import InputError, command

SUFFIXES = (".safetensors", ".onnx", "")
"""Of the output; a name without is that of a folder."""
WEIGHTS = Path(__file__).parents[1] / "weights"
SHIPPED = {"bandnet": "bandnet.safetensors", "bandnet:score": "bandnet_score.safetensors"}
"""Files of the networks of this package, by their name as a method."""


@command
def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line."""
    parser = argparse.ArgumentParser(
        prog="hdr-export",
        usage="%(prog)s CHECKPOINT [-o FILE] [options]",
        description="Write the network of a checkpoint alone, for hdr-fuse and for other programs.",
    )
    add = parser.add_argument
    add("checkpoint", help="written by train.py, *.ckpt, or a network of the package: bandnet, bandnet:score")
    add(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="*.safetensors, *.onnx for images of any size (extra onnx), or a folder as the Hugging Face Hub "
        "has them; default: *.safetensors beside the checkpoint, or here",
    )
    add("--exposures", type=int, metavar="K", help="of an ONNX file, which takes so many; default: 2")
    add("--force", action="store_true", help="overwrite what is there")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    options = parser.parse_args(words)
    checkpoint = _file(options.checkpoint)
    beside = Path(checkpoint.name) if checkpoint.parent == WEIGHTS else checkpoint
    output: Path = options.output or beside.with_suffix(".safetensors")
    if output.suffix not in SUFFIXES:
        raise InputError(f"Expected an output named *.safetensors or *.onnx, or a folder. Got {output}")
    if options.exposures is not None and output.suffix != ".onnx":
        raise InputError(f"--exposures: Expected an output named *.onnx with it. Got {output}")
    if output.resolve() == checkpoint.resolve():
        raise InputError(f"Expected another file to write than the checkpoint. Got {output} for both")
    if output.exists() and (not options.force or output.is_dir() == bool(output.suffix)):
        raise InputError(f"Expected a new file. Got {output}, which exists: --force overwrites it")
    _save(checkpoint, output, options.exposures)
    size = sum(file.stat().st_size for file in (output.iterdir() if output.is_dir() else [output]))
    print(f"{output}: {size / 1000:.0f} kB")


def _file(name: str) -> Path:
    return WEIGHTS / SHIPPED[name] if name in SHIPPED else Path(name)


def _save(checkpoint: Path, output: Path, exposures: int | None) -> None:
    if output.suffix == ".onnx":
        from hdr_lightning.networks.onnx_export import save_onnx

        save_onnx(checkpoint, output, exposures)
    elif not output.suffix:
        from hdr_lightning.networks.checkpoints import load_fusion

        load_fusion(checkpoint).save_pretrained(output)
    else:
        from hdr_lightning.networks.checkpoints import save_fusion

        save_fusion(checkpoint, output)


if __name__ == "__main__":
    main()
