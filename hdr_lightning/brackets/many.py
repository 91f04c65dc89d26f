"""Many brackets at once: each fused in one of several processes, on this machine or on a Ray cluster.

A process that dies, for want of memory or with its machine, loses only what it had not finished: that is done
again by fewer processes, and what was written already is not.
"""

import contextlib
import importlib
import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from hdr_lightning.brackets.outputs import Job
from hdr_lightning.errors import InputError, one_line
from hdr_lightning.shared_memory import require_shared_memory

Work = Callable[[Job], Any]
"""Fuses and writes one bracket, and may return what a contact sheet shows of it."""
TRIES = 3
"""How often a process may die before anything is finished."""
_FEWEST = 2
"""Joblib runs a single one in this very process, which is not to die."""
_AT_ONCE = 4
_WATCH = "watch over the process that started this one"


class Done(NamedTuple):
    """What became of one bracket: what it printed, why it failed (empty if not), and what `Work` returned."""

    place: int
    out: str
    err: str
    reason: str
    result: Any


def fuse_here(jobs: Sequence[Job], work: Work) -> Iterator[Done]:
    """Fuse one bracket after the other in this process, which prints by itself."""
    for place, job in enumerate(jobs):
        yield _done(place, job, work)


def fuse_many(jobs: Sequence[Job], work: Work, processes: int, cluster: str | None) -> Iterator[Done]:
    """Fuse several brackets at a time, in any order.

    Args:
        jobs: What to fuse; every one with a file to write.
        work: Can be pickled.
        processes: How many at a time; 0 for as many as there are cores.
        cluster: Address of a Ray cluster, `auto` or `local`; None for processes of this machine.

    Raises:
        InputError: There is no such cluster, or processes of this machine cannot share memory.
    """
    if cluster is None:
        require_shared_memory("--jobs")
    else:
        _ray(cluster)
    begin, reason, vain = time.time(), "", 0
    left, processes = list(range(len(jobs))), min(processes or cores(cluster), len(jobs))
    while left and vain < TRIES:
        before = len(left)
        try:
            for done in _parallel(jobs, left[:], work, max(_FEWEST, processes >> vain), cluster):
                left.remove(done.place)
                yield done
        except _DiedError as error:
            reason = str(error)
        for place in [place for place in left if _written(jobs[place], begin)]:
            left.remove(place)
            yield Done(place, f"{jobs[place]}: written before its process died\n", "", "", None)
        left = left[processes:] + left[:processes]  # those that were at work, the suspects, come last
        vain = 0 if len(left) < before else vain + 1
    for place in left:
        yield Done(place, "", "", f"the process that fused it died: {reason}", None)


def cores(cluster: str | None = None) -> int:
    """How many processes there is room for."""
    if cluster is not None:
        ray = _ray(cluster)
        return int(ray.cluster_resources().get("CPU", 1))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _DiedError(Exception):
    """A process is gone, and with it what it was at."""


def _parallel(
    jobs: Sequence[Job], places: Sequence[int], work: Work, processes: int, cluster: str | None
) -> Iterator[Done]:
    import joblib

    here = os.getcwd()
    run = _captured if cluster is not None else _captured_by_a_child
    tasks = [joblib.delayed(run)(place, jobs[place], work, here) for place in places]
    try:
        if cluster is not None:
            _ray(cluster)
            with joblib.parallel_config("ray", n_jobs=processes):
                for start in range(0, len(tasks), _AT_ONCE * processes):  # its backend returns lists only
                    yield from joblib.Parallel(batch_size=1)(tasks[start : start + _AT_ONCE * processes])
            return
        threads = max(1, cores() // processes)
        with joblib.parallel_config("loky", n_jobs=processes, inner_max_num_threads=threads):
            yield from joblib.Parallel(return_as="generator_unordered", batch_size=1)(tasks)
    except Exception as error:  # of loky or of Ray: the work itself raises none
        raise _DiedError(one_line(error)) from error


def _captured(place: int, job: Job, work: Work, folder: str) -> Done:
    """What a process elsewhere does: whatever it prints is printed by the one that asked."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        done = _done(place, job, work)
    return done._replace(out=out.getvalue(), err=err.getvalue())


def _captured_by_a_child(place: int, job: Job, work: Work, folder: str) -> Done:
    """The same in a process that ends with the one that started it, even if that was killed."""
    if not any(thread.name == _WATCH for thread in threading.enumerate()):
        threading.Thread(target=_end_with, args=(os.getppid(),), name=_WATCH, daemon=True).start()
    return _captured(place, job, work, folder)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _done(place: int, job: Job, work: Work) -> Done:
    try:
        return Done(place, "", "", "", work(job))
    except Exception as error:  # whatever is wrong with one bracket, the others are not to suffer
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {one_line(error)}"
        return Done(place, "", "", reason, None)


def _written(job: Job, begin: float) -> bool:
    return job.output is not None and job.output.exists() and job.output.stat().st_mtime >= begin


def _ray(cluster: str) -> Any:
    try:
        ray: Any = importlib.import_module("ray")
        backend: Any = importlib.import_module("ray.util.joblib")
    except ImportError as error:
        raise InputError(
            "Expected Ray for --cluster. Got none: pip install 'hdr-lightning[ray]' (or --jobs alone)"
        ) from error
    if not ray.is_initialized():
        address = None if cluster == "local" else cluster
        try:
            ray.init(address=address, logging_level="error", log_to_driver=False)
        except Exception as error:
            raise InputError(f"Expected a Ray cluster at {cluster}. Got: {one_line(error)}") from error
    backend.register_ray()
    return ray
