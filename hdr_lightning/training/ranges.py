"""Numbers of a run that nothing else would refuse before it is too late."""

from typing import Any

from hdr_lightning.errors import InputError

LEAST = {
    "seed": 0,
    "pictures": 0,
    "checkpoint_minutes": 0,
    "scheduler.T_max": 1,
    "scheduler.frequency": 1,
    "scheduler.gamma": 0,
    "scheduler.patience": 0,
    "trainer.max_epochs": -1,
    "trainer.max_steps": -1,
    "trainer.accumulate_grad_batches": 1,
    "trainer.check_val_every_n_epoch": 1,
    "trainer.gradient_clip_val": 0,
    "trainer.log_every_n_steps": 0,
    "trainer.num_sanity_val_steps": -1,
}
"""The least value of each setting, by its dotted key."""
MOST_SEED = 2**32 - 1
"""What numpy takes."""


def check_ranges(config: dict[str, Any]) -> None:
    """Look at the numbers of a plain configuration.

    Raises:
        InputError: One is too small, or the seed too large.
    """
    for key, least in LEAST.items():
        value: Any = config
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if key == "scheduler.T_max" and config["trainer"]["max_epochs"] == 0:  # it is no schedule then
            continue
        if value is not None and value < least:
            raise InputError(f"{key}: Expected a number of at least {least}. Got {value}")
    if config["seed"] > MOST_SEED:
        raise InputError(f"seed: Expected a number of at most {MOST_SEED}. Got {config['seed']}")
