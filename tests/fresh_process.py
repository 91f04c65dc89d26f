"""A command run to its end in a fresh process, forked from one that has imported what takes seconds."""

import importlib
import multiprocessing
import os
import sys
from pathlib import Path
from typing import NamedTuple

HYDRA = {"train": "train.py", "evaluate": "evaluate.py"}
"""Commands that read their words from `sys.argv`."""
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        *("hdr_lightning.commands.train", "hdr_lightning.training.experiment"),
        *("hdr_lightning.commands.evaluate", "hdr_lightning.evaluation.scoring"),
        *("hdr_lightning.brackets.batch", "hdr_lightning.comparison.report", "hdr_lightning.figures.paper"),
        *("hdr_lightning.networks.onnx", "onnxruntime"),
    ]
)


class Ended(NamedTuple):
    """How a command ended."""

    status: int | None
    out: str
    err: str


def run(command: str, words: tuple[str, ...], folder: Path, aside: Path) -> Ended:
    """Run `hdr-<command> words...` in a folder, with its cache and its streams in another."""
    streams = (aside / "out", aside / "err")
    process = SERVER.Process(target=_child, args=(command, words, folder, aside))
    process.start()
    process.join(120)
    if process.is_alive():
        process.kill()
    return Ended(process.exitcode, *(file.read_text(errors="replace") for file in streams))


def _child(command: str, words: tuple[str, ...], folder: Path, aside: Path) -> None:
    """How this function ends is how the process ends, as if it were the whole program."""
    os.environ |= {"WANDB_MODE": "offline", "HDR_LIGHTNING_CACHE": str(aside / "cache"), "COLUMNS": "200"}
    os.chdir(folder)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(aside / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.argv = [HYDRA.get(command, f"hdr-{command}"), *words]
    main = importlib.import_module(f"hdr_lightning.commands.{command}").main
    main() if command in HYDRA else main(words)
