"""The notebooks run from start to end, and what they keep of their output is small."""

from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.filterwarnings("ignore:.*Kernel is running over TCP without encryption.*")


def test_there_are_some() -> None:
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_output_is_small(path: Path) -> None:
    assert path.stat().st_size < 300_000


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the commands set it, and other tests import them
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    notebook = nbformat.read(str(path), as_version=4)
    kept = [kinds(cell) for cell in notebook.cells]
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert [kinds(cell) for cell in notebook.cells] == kept


def kinds(cell: Any) -> list[str]:
    """Text, or a picture of any kind, for each output of a cell; pieces of a text count as one."""
    outputs = cell.get("outputs", [])
    each = ["text" if output["output_type"] == "stream" else "picture" for output in outputs]
    return [
        kind for kind, before in zip(each, [None, *each], strict=False) if (kind, before) != ("text", "text")
    ]
