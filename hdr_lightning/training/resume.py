"""Whether a run may start in its folder, and from where: nothing that is saved there is lost by accident."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import WeightAveraging
from omegaconf import OmegaConf

from hdr_lightning.config.arguments import locate
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.networks.checkpoints import checked_weights, read_checkpoint
from hdr_lightning.runs.folder import CONFIG, LAST
from hdr_lightning.runs.record import read_record
from hdr_lightning.training.assembly import recipe_of
from hdr_lightning.training.decisive import differences

LENGTH = (
    "max_epochs",
    "max_steps",
    "max_time",
    "fast_dev_run",
    "limit_train_batches",
    "limit_val_batches",
    "limit_test_batches",
)
"""Settings of the trainer that say when a run is finished, as callbacks do."""
STATE = ("epoch", "global_step", "loops", "optimizer_states", "lr_schedulers", "callbacks")
"""What Lightning continues from, besides the weights."""
AVERAGED = "averaging_state"
"""What is in a checkpoint of `lightning.pytorch.callbacks.WeightAveraging`."""
MOST_NAMED = 8
"""Settings that an error about other ones names: of another network all would be."""


def finished_before(run_dir: Path, config: dict[str, Any]) -> dict[str, Any] | None:
    """The record of a run that finished in this folder and has nothing left to do.

    Raises:
        InputError: The folder holds a run with other settings.
    """
    file = run_dir / CONFIG
    # Read in this order, because another rank may be about to continue the run: it writes its state first.
    before = _read_settings(file) if file.is_file() else None
    record = read_record(run_dir)
    if record.get("state") != "finished":
        return None
    before = before or _read_settings(file)
    _refuse_other_settings(file, before, config)
    pairs = ((before["trainer"].get(key), config["trainer"].get(key)) for key in LENGTH)
    # 1 and 1.0 are equal in Python, and not the same length: one batch, and all of them
    whole = all(old == new and type(old) is type(new) for old, new in pairs)
    return record if whole and before.get("callbacks", {}) == config["callbacks"] else None


def checkpoint_to_resume(run_dir: Path, config: dict[str, Any]) -> str | None:
    """The checkpoint to continue from, or None for a run that begins.

    Raises:
        InputError: The folder holds a run that is not to be continued, or was made with other settings.
    """
    last = _latest(run_dir)
    if last is None:
        return None
    if not config["resume"]:
        raise InputError(
            f"run_dir={run_dir}: Expected a folder without a run. Got checkpoints: "
            "continue them with resume=true, or choose another run_dir"
        )
    file = run_dir / CONFIG
    _refuse_other_settings(file, _read_settings(file), config)
    try:
        state = _state_of(last, config)
    except InputError as error:
        raise InputError(f"resume=true: {error}. {_way_out(last, config)}") from error
    if AVERAGED in state and not any(map(_averages, config["callbacks"].values())):
        raise InputError(
            f"resume=true: Expected callbacks=ema or another average of the weights, as {last} is of. "
            f"Got {', '.join(config['callbacks']) or 'none'}"
        )
    return str(last)


def _latest(run_dir: Path) -> Path | None:
    """`last.ckpt`, or the newest of other checkpoints where somebody took that away."""
    last = run_dir / LAST
    others = sorted(last.parent.glob("*.ckpt"), key=lambda file: file.stat().st_mtime)
    return last if last.exists() else others[-1] if others else None


def _averages(callback: dict[str, Any]) -> bool:
    target = locate(callback["_target_"], "callbacks")
    return isinstance(target, type) and issubclass(target, WeightAveraging)


def _read_settings(file: Path) -> dict[str, Any]:
    try:
        before: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(file))  # type: ignore[assignment]
    except Exception as error:
        message = f"resume=true: Expected the settings of the run in {file}. Got: {one_line(error)}"
        raise InputError(message) from error
    return before


def _refuse_other_settings(file: Path, before: dict[str, Any], config: dict[str, Any]) -> None:
    if found := differences(before, config):
        wanted = ", ".join(f"{each.key}={each.before}" for each in found[:MOST_NAMED])
        given = ", ".join(f"{each.key}={each.now}" for each in found[:MOST_NAMED])
        more = f", and {len(found) - MOST_NAMED} further ones" if len(found) > MOST_NAMED else ""
        raise InputError(f"resume=true: Expected {wanted}{more} as in {file}. Got {given}")


def _state_of(checkpoint: Path, config: dict[str, Any]) -> dict[str, Any]:
    """What a checkpoint continues from.

    Raises:
        InputError: It is damaged, of another network, or holds no state of a training.
    """
    content = read_checkpoint(checkpoint)
    checked_weights(checkpoint, content, recipe_of(config))
    if missing := [key for key in STATE if key not in content]:
        raise InputError(f"{checkpoint}: Expected the state of a training. Got none: {missing[0]} is missing")
    return content


def _way_out(damaged: Path, config: dict[str, Any]) -> str:
    """What to do about a checkpoint that cannot be continued."""
    others = sorted(damaged.parent.glob("*.ckpt"), key=lambda file: file.stat().st_mtime, reverse=True)
    for other in others:
        with suppress(InputError, ValueError, TypeError):
            epoch = _state_of(other, config)["epoch"]
            return f"Copy {other.name}, of epoch {epoch}, over it to go on from there"
    return "No other checkpoint beside it can be used: begin again in another run_dir"
