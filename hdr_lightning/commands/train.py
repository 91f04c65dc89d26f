"""The command ``hdr-train`` (``python train.py`` in a checkout); heavy imports wait until a run starts."""

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig

from hdr_lightning.commands import schema
from hdr_lightning.commands.plainly import plainly
from hdr_lightning.commands.sweeps import ERROR, note_failure
from hdr_lightning.errors import InputError

PACKAGE = Path(__file__).parents[1]
CONF = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"
"""The Hydra tree: inside an installed package, beside the package in a checkout."""

schema.register()


@plainly
@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Train, test and log one run; returns the best ``val/mef_ssim``, the objective of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from hdr_lightning.training.experiment import run

    job = HydraConfig.get()
    sweeping = job.mode == RunMode.MULTIRUN
    if sweeping:
        _refuse_processes(cfg.trainer.strategy)
    folder, config = Path(job.runtime.output_dir), schema.plain(cfg)
    config["choices"] = schema.choices(job)
    config["resume"] |= sweeping  # a job that was interrupted goes on
    (folder / ERROR).unlink(missing_ok=True)
    try:
        return run(config, folder)
    except (KeyboardInterrupt, SystemExit):
        if sweeping:
            print("Interrupted: the same command continues this sweep.", file=sys.stderr)
        raise
    except Exception as error:
        if sweeping:
            note_failure(folder, error)
            return None
        if isinstance(error, InputError):
            sys.exit(f"error: {error}")
        raise


def _refuse_processes(strategy: str) -> None:
    if strategy.startswith("ddp"):
        sys.exit(
            "error: trainer.strategy: Expected one process a job in a multirun, because Lightning would "
            f"start the whole sweep again in each. Got {strategy}: run the jobs one by one."
        )
