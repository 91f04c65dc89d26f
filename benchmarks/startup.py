"""Seconds until a command has answered `--help`, beside what Python itself and torch need to start.

    python -m benchmarks.startup [--rounds 7]

The ratios are those of the processor time, which other work on the machine hardly changes.
"""

import argparse
import subprocess
import sys
from functools import partial

from benchmarks.measuring import CHECKOUT, ratio, table, take_turns, typical

PYTHON, TORCH = "python -c pass", "python -c 'import torch'"
COMMANDS = {
    PYTHON: ["-c", "pass"],
    TORCH: ["-c", "import torch"],
    "train.py --help": ["train.py", "--help"],
    "evaluate.py --help": ["evaluate.py", "--help"],
    "hdr-fuse --help": ["-m", "hdr_lightning.commands.fuse", "--help"],
    "hdr-compare --help": ["-m", "hdr_lightning.commands.compare", "--help"],
    "train.py with a typo": ["train.py", "optimizer=adamm"],
}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS), metavar="COMMAND")
    args = parser.parse_args(words)
    names = dict.fromkeys([PYTHON, TORCH, *args.only])
    costs = take_turns({name: partial(start, COMMANDS[name]) for name in names}, args.rounds)
    rows = [
        [
            f"`{name}`",
            f"{typical(spent).wall:.2f}",
            f"{typical(spent).cpu:.2f}",
            f"{ratio(spent, costs[PYTHON]).cpu:.0f}",
            f"{ratio(spent, costs[TORCH]).cpu:.2f}",
        ]
        for name, spent in costs.items()
    ]
    header = ["command", "seconds", "of the processor", f"times `{PYTHON}`", f"times `{TORCH}`"]
    table(f"Start-up, medians of {args.rounds} rounds", header, rows)


def start(command: list[str]) -> None:
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, capture_output=True, check=False)


if __name__ == "__main__":
    main()
