"""One run in several processes: the ranks have one configuration and one folder, and end together.

Lightning would start this command again for every rank: in a sweep each of them would then sweep, with
folders and settings of its own, and a rank that fails would take the others down before they can tell why.
"""

import logging
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import (
    get_all_start_methods,
    get_context,
    get_start_method,
    parent_process,
    set_start_method,
)
from pathlib import Path
from typing import Any

from hdr_lightning.errors import InputError
from hdr_lightning.training.stopping import Stopping

GRACE = 10.0
"""Seconds for the other ranks to end by themselves after one has failed; as many after they are told to."""
STRATEGIES = (
    "auto",
    "ddp",
    "ddp_find_unused_parameters_true",
    "ddp_find_unused_parameters_false",
    "DDPStrategy",  # with arguments of its own
)


def launch(config: dict[str, Any], run_dir: Path) -> float | None:
    """Run in this process, or in one for each device where the configuration asks for several.

    Args:
        config: As for `hdr_lightning.training.experiment.run`.
        run_dir: Folder of the run.

    Returns:
        The best MEF-SSIM on the validation scenes; None where there was no validation.

    Raises:
        InputError: As `run`, whichever rank raises it.
        RuntimeError: A rank failed otherwise; the message names it and has its traceback.
    """
    count = 1 if is_rank() else _processes(config["trainer"])
    if count > 1:
        return _run_ranks(config, run_dir, count)
    from hdr_lightning.training.experiment import run

    return run(config, run_dir)


def is_rank() -> bool:
    """Whether torchrun, srun or this module has started this process as one of several."""
    return "RANK" in os.environ or int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) > 1


def _processes(trainer: dict[str, Any]) -> int:
    """How many processes of this machine the settings of the trainer ask for."""
    if trainer["num_nodes"] > 1:
        raise InputError(
            f"trainer.num_nodes={trainer['num_nodes']}: Expected a process for every device, started by "
            "torchrun or srun. Got one process, see docs/clusters.md"
        )
    devices = trainer["devices"]
    if isinstance(devices, list):
        count = len(devices)
    elif devices in ("auto", -1, "-1"):
        count = 1 if trainer["accelerator"] == "cpu" else _graphics_cards()
    else:
        listed = [device for device in str(devices).split(",") if device]
        count = int(devices) if str(devices).isdigit() else len(listed)
    strategy = trainer["strategy"]
    name = strategy if isinstance(strategy, str) else strategy.get("_target_", "").rpartition(".")[2]
    if count > 1 and name not in STRATEGIES:
        raise InputError(
            f"trainer.strategy: Expected one of {', '.join(STRATEGIES)}. Got {strategy} for {count} devices"
        )
    return count


def _graphics_cards() -> int:
    import torch

    return max(torch.cuda.device_count(), 1)


def _run_ranks(config: dict[str, Any], run_dir: Path, count: int) -> float | None:
    """Start the ranks, wait for them, and say what came of them."""
    from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

    from hdr_lightning.runs.record import read_record

    began = time.time()
    with Stopping().listening() as stopping:
        ranks, errors = _start(config, run_dir, count)
        stopping.patient = True
        try:
            _wait(ranks, stopping)
        except (ProcessRaisedException, ProcessExitedException) as ended:
            stopping.check()
            raise _failure(ended, errors, run_dir, began) from None
    return read_record(run_dir).get("best_val_mef_ssim")


def _start(config: dict[str, Any], run_dir: Path, count: int) -> tuple[Any, Any]:
    """The context of the processes that have been started, and the queue of what they failed by."""
    from torch.multiprocessing.spawn import start_processes

    logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.CRITICAL)  # tells of its own clean-up
    if get_start_method() not in get_all_start_methods():  # that of a joblib worker, which ranks do not know
        set_start_method(get_all_start_methods()[0], force=True)
    # A server imports once for the ranks of all jobs; Windows has none.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    server = get_context(method)
    if method == "forkserver":
        server.set_forkserver_preload(["hdr_lightning.training.experiment"])
    errors = server.SimpleQueue()
    arguments = (count, free_port(), config, run_dir, errors, dict(os.environ))
    ranks = start_processes(  # type: ignore[no-untyped-call]
        _rank, arguments, nprocs=count, join=False, start_method=method
    )
    return ranks, errors


def _wait(ranks: Any, stopping: Stopping) -> None:
    """Wait for the end of all ranks; hand on a wish to stop, and end the others where the first fails."""
    first, asked = ranks.processes[0], False
    # What is seen to fail inside of `join` gives the others time, so it must not be the first.
    while not ranks.join(timeout=0 if first.is_alive() else 0.2, grace_period=GRACE):
        if stopping.asked and not asked:
            _stop(ranks.pids())  # they agree on when
            asked = True
        first.join(0.2)
        if first.exitcode:  # the others keep nothing, and may wait for it to begin
            for process in ranks.processes[1:]:
                process.kill()


def _failure(ended: Any, errors: Any, run_dir: Path, began: float) -> Exception:
    """What the rank that failed first says, written into the record where rank 0 could not."""
    from hdr_lightning.runs.record import amend_record

    rank: int = -1
    error: Exception = RuntimeError(f"rank {ended.error_index}: {ended}")
    if not errors.empty():
        rank, error = errors.get()
    if rank:  # rank 0 was killed, or could only write that the others were gone
        amend_record(run_dir, error, began)
    return error


def _stop(pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _rank(
    rank: int,
    count: int,
    port: int,
    config: dict[str, Any],
    run_dir: Path,
    errors: Any,
    environment: dict[str, str],
) -> None:
    """The work of one process; its surroundings look as torchrun makes them."""
    os.environ.update(
        environment,
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE=str(count),
        LOCAL_WORLD_SIZE=str(count),
        GROUP_RANK="0",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        TORCHELASTIC_RUN_ID="hdr-lightning",
    )
    from lightning.pytorch.utilities import rank_zero_only

    from hdr_lightning.training.experiment import run

    rank_zero_only.rank = rank  # type: ignore[attr-defined]  # it was imported without one
    threading.Thread(target=_stop_after_parent, daemon=True).start()
    try:
        run(config, run_dir)
    except InputError as error:
        errors.put((rank, InputError(str(error))))
        raise
    except Exception as error:
        message = f"rank {rank}: {type(error).__name__}: {error}\n\n{traceback.format_exc()}"
        errors.put((rank, RuntimeError(message)))
        raise


def _stop_after_parent() -> None:
    """Save and end when the process that started this one has been killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
