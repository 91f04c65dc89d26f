import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from hdr_lightning.errors import InputError
from hdr_lightning.runs.record import RunRecord, code_version


def state(folder: Path) -> tuple[str, str | None]:
    record = yaml.safe_load((folder / "run.yaml").read_text())
    return record["state"], record["reason"]


def test_record_follows_the_run(tmp_path: Path) -> None:
    with RunRecord(tmp_path) as record:
        assert state(tmp_path) == ("running", None)
        record.update(best_val_mef_ssim=0.5)
    assert state(tmp_path) == ("finished", None)
    assert yaml.safe_load((tmp_path / "run.yaml").read_text())["best_val_mef_ssim"] == 0.5


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("boom"), ("failed", "RuntimeError: boom")),
        (KeyboardInterrupt(), ("interrupted", "KeyboardInterrupt: ")),
        (SystemExit(1), ("interrupted", "SystemExit: 1")),
    ],
)
def test_record_tells_how_the_run_ended(
    error: BaseException, expected: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(type(error)), RunRecord(tmp_path):
        raise error
    assert state(tmp_path) == expected


def test_folder_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match=r"run_dir=.*file/run: Expected a folder to write in"),
        RunRecord(tmp_path / "file" / "run"),
    ):
        pass


def test_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    told = f"run_dir={tmp_path}: Expected room to write. Got: .*No space left"
    with pytest.raises(InputError, match=told), RunRecord(tmp_path):
        raise full
    assert state(tmp_path)[0] == "failed"


@pytest.mark.slow
def test_two_processes_do_not_run_in_one_folder(tmp_path: Path) -> None:
    start = f"RunRecord(Path({str(tmp_path)!r})).__enter__()"
    code = f"from pathlib import Path; from hdr_lightning.runs.record import RunRecord; {start}"
    with RunRecord(tmp_path):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "Expected a folder in which nothing runs. Got a run under way" in other.stderr
        assert state(tmp_path) == ("running", None)
    with RunRecord(tmp_path):  # free again
        pass
    killed = [sys.executable, "-c", f"{code}; import os; os.kill(os.getpid(), 9)"]
    assert subprocess.run(killed, check=False).returncode == -9
    with RunRecord(tmp_path):  # nobody holds it any more
        pass


def test_version_names_the_commit_of_a_checkout() -> None:
    version = code_version()
    assert version["torch"] and version["hdr_lightning"]
    assert ("commit" in version) == os.path.exists(Path(__file__).parents[2] / ".git")


def test_version_names_the_project_of_the_user_and_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "project" not in code_version()
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    version = code_version()
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert Path(version["project"]).samefile(tmp_path)
    assert head.startswith(version["project_commit"]) and version["project_commit"]
    assert version["threads"] == torch.get_num_threads()
