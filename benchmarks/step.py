"""Where the time of a training step goes, and what Lightning, metrics and logging add to a bare PyTorch loop.

    python -m benchmarks.step [--steps 24] [--width 0.25] [--patch 128] [--batch 8] [--logger wandb] [OVERRIDE ...]

Before every step of the trainer a twin of the network takes the same step in a bare loop: same patches, same
loss, same optimizer. In the end both have to have the same weights, bit for bit. What the trainer needs from
one step to the next, its reading, logging and progress bar included, is compared with the twin's step before it.
"""

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L
import torch
from hydra import compose, initialize_config_dir

from benchmarks.measuring import Cost, clock, note, ratio, since, table, typical
from hdr_lightning.commands import schema
from hdr_lightning.commands.train import CONF
from hdr_lightning.training.assembly import build_datamodule, build_module, build_trainer
from hdr_lightning.training.experiment import quiet
from hdr_lightning.training.loggers import build_loggers
