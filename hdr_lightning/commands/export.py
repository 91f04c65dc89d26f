"""The command ``hdr-export``: a checkpoint to the weights alone. Heavy imports wait until there is work."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hdr_lightning.errors import InputError


def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the words of the command line."""
    parser = argparse.ArgumentParser(
        prog="hdr-export",
        description="Write the network of a checkpoint as safetensors, for hdr-fuse --checkpoint.",
    )
    parser.add_argument("checkpoint", type=Path, help="written by train.py, *.ckpt")
    parser.add_argument("-o", "--output", type=Path, help="default: beside the checkpoint, *.safetensors")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    options = parser.parse_args(words)
    output: Path = options.output or options.checkpoint.with_suffix(".safetensors")
    from hdr_lightning.checkpoints import save_fusion

    try:
        if output.suffix != ".safetensors":
            raise InputError(f"Expected an output named *.safetensors. Got {output}")
        if output.exists() and not options.force:
            raise InputError(f"Expected a new file. Got {output}, which exists: --force overwrites it")
        save_fusion(options.checkpoint, output)
    except InputError as error:
        sys.exit(f"error: {error}")
    print(f"{output}: {output.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
