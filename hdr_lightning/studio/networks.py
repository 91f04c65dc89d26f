"""Trained networks by what people have of them: a file, the folder of a run, or that of a sweep."""

from pathlib import Path

from hdr_lightning.comparison.settings import group_runs, once_each, varying
from hdr_lightning.errors import InputError
from hdr_lightning.networks.method import NETWORKS
from hdr_lightning.runs.folder import BEST
from hdr_lightning.runs.reading import find_runs


def networks_in(path: Path) -> list[dict[str, str]]:
    """The networks at a path: file and label of each, runs of a sweep by what varies among them.

    Raises:
        InputError: There is none.
    """
    if path.is_file():
        if path.suffix not in NETWORKS:
            raise InputError(f"Expected a network, {', '.join(sorted(NETWORKS))}. Got {path}")
        return [{"file": str(path.resolve()), "label": path.name}]
    if not path.is_dir():
        raise InputError(f"Expected a network, a run or a sweep. Got {path}, which does not exist")
    runs, _ = once_each(find_runs([path])[0])
    labels = {place: group.label for group in group_runs(runs, varying(runs)) for place in group.runs}
    found = []
    for place, run in enumerate(runs):
        if (run.folder / BEST).is_file():
            score = f", {max(run.curve):.4f}" if run.curve else ""
            label = run.name if len(runs) == 1 else f"{labels[place]} ({run.name})"
            found.append({"file": str(run.folder / BEST), "label": label + score})
    if not found:
        raise InputError(f"Expected a run with {BEST} in {path}. Got none")
    return found
