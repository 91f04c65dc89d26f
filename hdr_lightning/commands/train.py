"""The command `hdr-train` (`python train.py` in a checkout); heavy imports wait until a run starts."""

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig

from hdr_lightning.config import CONF, schema
from hdr_lightning.config.one_line_errors import hydra_command
from hdr_lightning.config.sweeps import INTERRUPTED, note_failure
from hdr_lightning.errors import InputError
from hdr_lightning.runs.folder import ERROR


@hydra_command
@hydra.main(version_base="1.3", config_path=str(CONF), config_name="train")
def main(cfg: DictConfig) -> float | None:
    """Train, test and log one run; returns the best `val/mef_ssim`, the objective of a sweep."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from hdr_lightning.training.ranks import is_rank, launch

    job = HydraConfig.get()
    sweeping = job.mode == RunMode.MULTIRUN
    folder = Path(job.runtime.output_dir)
    (folder / ERROR).unlink(missing_ok=True)
    try:
        config = schema.plain(cfg)
        config["choices"] = schema.choices(job, config)
        config["resume"] |= sweeping  # a job that was interrupted goes on
        return launch(config, folder)
    except (KeyboardInterrupt, SystemExit):
        print(INTERRUPTED if sweeping else "Interrupted: resume=true continues this run.", file=sys.stderr)
        raise
    except Exception as error:
        if sweeping:
            note_failure(folder, error)
            if is_rank():  # so that srun ends the others
                raise
            return None
        if isinstance(error, InputError):
            sys.exit(f"error: {error}")
        raise


if __name__ == "__main__":
    main()
