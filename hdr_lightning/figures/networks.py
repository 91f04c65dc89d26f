"""The networks of a sweep: one for each setting."""

from collections.abc import Sequence
from pathlib import Path

from hdr_lightning.comparison.settings import group_runs, varying
from hdr_lightning.errors import InputError
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.method import resolve
from hdr_lightning.runs.folder import BEST
from hdr_lightning.runs.reading import Run, find_runs


def networks_of(paths: Sequence[Path], blending: str | None) -> dict[str, Fusion]:
    """The trained network of each setting, that of its best seed by the validation score.

    Args:
        paths: Runs, or folders of runs.
        blending: Another blending than the one that was trained with.

    Raises:
        InputError: There is no run with a checkpoint, or the blending is unknown.
    """
    runs = [run for run in find_runs(paths)[0] if _checkpoint(run).is_file()]
    if not runs:
        raise InputError(f"Expected runs with {BEST} in {', '.join(map(str, paths))}. Got none")
    best = {}
    for setting in group_runs(runs, varying(runs)):
        run = max((runs[index] for index in setting.runs), key=lambda run: max(run.curve, default=0.0))
        name = str(_checkpoint(run))
        best[setting.label] = resolve(f"{name}+{blending}" if blending else name)
    return best


def _checkpoint(run: Run) -> Path:
    return run.folder / BEST
