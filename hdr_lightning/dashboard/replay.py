"""Offline W&B runs replayed into trackio, whose dashboard shows them on this machine alone."""

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from hdr_lightning.dashboard.offline import Offline, find_offline, read_offline
from hdr_lightning.errors import InputError
from hdr_lightning.runs.reading import flat

STORE = ".trackio"
"""Folder of the dashboard's own data below the runs; made anew each time, so that nothing is ever doubled."""
READERS = 4


def replay(root: Path) -> list[str]:
    """Fill the dashboard's store with the offline runs below a folder.

    Returns:
        The projects.

    Raises:
        InputError: There is no offline run, or the extra is not installed.
    """
    folders = find_offline(root)
    trackio = _load_trackio(root)
    projects: dict[str, None] = {}
    with ThreadPoolExecutor(READERS) as readers:
        runs = readers.map(read_offline, folders)
        progress = Console(stderr=True)
        for run in track(runs, "Replaying runs", len(folders), console=progress, transient=True):
            with redirect_stdout(StringIO()):  # trackio tells five lines a run
                _log(trackio, run)
            projects[run.project] = None
    return list(projects)


def serve(project: str, port: int | None, browser: bool) -> None:
    """Show a replayed project on the loopback interface until Ctrl-C.

    Raises:
        InputError: The port is taken.
    """
    import trackio

    try:
        trackio.show(project=project, host="127.0.0.1", server_port=port, open_browser=browser)
    except OSError as error:
        raise InputError(f"--port: Expected a free port. Got: {error}") from error


def _load_trackio(root: Path) -> Any:
    """Import trackio with an empty store below a folder, and nothing that it could send elsewhere.

    Raises:
        InputError: The extra is not installed.
    """
    store = root / STORE
    os.environ |= {
        "TRACKIO_DIR": str(store.resolve()),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    try:
        import trackio  # reads the variables now
    except ImportError as error:
        raise InputError("Expected the extra dashboard: pip install 'hdr-lightning[dashboard]'") from error
    shutil.rmtree(store, ignore_errors=True)
    return trackio


def _log(trackio: Any, run: Offline) -> None:
    quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
    config = dict(flat(run.config))  # what its "Group by" offers
    logged = trackio.init(project=run.project, name=run.name, group=run.group, config=config, **quiet)
    for row in run.rows:
        values: dict[str, Any] = dict(row.scalars)
        for key, files in row.images.items():
            values |= _named(key, [trackio.Image(str(file)) for file in files if file.is_file()])
        for key, file in row.tables.items():
            if file.is_file():
                values[key] = trackio.Table(**_table(file))
        logged.log(values, step=row.step)
    trackio.finish()


def _named(key: str, values: Sequence[Any]) -> dict[str, Any]:
    """One key for each value."""
    return {key if len(values) == 1 else f"{key}/{n}": value for n, value in enumerate(values, start=1)}


def _table(file: Path) -> dict[str, Any]:
    content = json.loads(file.read_text(encoding="utf-8"))
    return {"columns": content["columns"], "data": content["data"]}
