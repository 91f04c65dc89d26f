"""The command line of hdr-evaluate."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-W", "error", str(Path(__file__).parents[2] / "evaluate.py")]


def command(*overrides: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *overrides], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def test_answers_before_anything_heavy_is_imported() -> None:
    heavy = "{'torch', 'lightning', 'kornia', 'torchmetrics', 'cv2', 'skimage'}"
    code = (
        f"import sys, hdr_lightning.commands.evaluate; sys.exit(', '.join({heavy} & sys.modules.keys()) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_help_tells_methods_data_and_values(tmp_path: Path) -> None:
    shown = command("--help", cwd=tmp_path).stdout
    assert "data: demo, folder, mefb, pairs, photographs, sice" in shown
    assert "adaptive:first" in shown
    assert "published: null" in shown


@pytest.mark.slow
def test_command_ends_with_one_line_for_bad_input(tmp_path: Path) -> None:
    result = command("data=folder", "data.root=nowhere", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: Expected")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_command_lists_what_failed(brackets: Path, tmp_path: Path) -> None:
    for number in range(1, 8):
        for file in (brackets / f"scene_{number}").iterdir():
            file.write_bytes(b"no image" if number == 5 else file.read_bytes())
    result = command(
        *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}"),
        *("methods=[average]", "output=out", "device=cpu"),
        cwd=tmp_path,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Got none for:\n  scene_5" in result.stderr
    assert len((tmp_path / "out" / "scores.csv").read_text().splitlines()) == 1 + 7


def test_folder_of_a_run_takes_no_evaluation(tmp_path: Path) -> None:
    for record in ("run.yaml", "sweep.yaml"):
        folder = tmp_path / record.partition(".")[0]
        folder.mkdir()
        (folder / record).write_text("state: finished\n")
        ended = command("methods=[average]", f"output={folder}", cwd=tmp_path)
        assert ended.returncode == 1
        assert f"Expected a folder for an evaluation. Got one with {record}" in ended.stderr
        assert not (folder / "scores.csv").exists()
