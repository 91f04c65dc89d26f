"""Brackets fused one after the other and in several processes, some of which die."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from hdr_lightning.brackets import many
from hdr_lightning.brackets.many import Done, fuse_here, fuse_many
from hdr_lightning.errors import InputError
from tests.brackets.dying import job, work


def test_here_a_failure_leaves_the_others(tmp_path: Path) -> None:
    jobs = [job(tmp_path, name) for name in ("a", "bad", "c")]
    done = list(fuse_here(jobs, work))
    assert [one.result for one in done] == ["a", None, "c"]
    assert [one.reason for one in done] == ["", "Expected a good bracket. Got bad", ""]


def test_cluster_without_its_library_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="Expected Ray for --cluster"):
        next(fuse_many([job(tmp_path, name) for name in ("a", "b")], work, 1, "local"))
    assert not (tmp_path / "log").exists()


@pytest.mark.slow
def test_killed_processes_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "TRIES", 2)
    names = [*map(str, range(8)), "die", "die_late", "bad", "always"]
    done = {one.place: one for one in fuse_many([job(tmp_path, name) for name in names], work, 2, None)}
    assert sorted(done) == list(range(len(names)))
    reasons = {names[place]: one.reason for place, one in done.items() if one.reason}
    assert set(reasons) == {"bad", "always"} and reasons["always"].startswith(
        "the process that fused it died"
    )
    counts = Counter((tmp_path / "log").read_text().split())
    assert counts == Counter(names[:10])


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process does not know that its parent is gone")
def test_processes_end_with_the_command(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from hdr_lightning.brackets.many import fuse_many
from tests.brackets.dying import job, slow
list(fuse_many([job(Path({str(tmp_path)!r}), name) for name in ("a", "b")], slow, 2, None))
"""
    command = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    while command.poll() is None and len(list(tmp_path.glob("*"))) < 2:
        time.sleep(0.1)
    children = psutil.Process(command.pid).children(recursive=True)
    command.kill()
    command.wait()
    assert len(children) >= 2
    gone, left = psutil.wait_procs(children, timeout=60)
    for process in left:
        process.kill()
    assert gone and not left


@pytest.mark.slow
def test_what_is_printed_elsewhere_is_handed_over(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert list(fuse_many([job(tmp_path, "x")], work, 0, None)) == [Done(0, "done x\n", "", "", "x")]
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker(tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    names = [*map(str, range(6)), "die", "die_late"]
    try:
        done = list(fuse_many([job(tmp_path, name) for name in names], work, 2, "local"))
    finally:
        ray.shutdown()
    assert sorted(one.place for one in done) == list(range(len(names)))
    assert not any(one.reason for one in done)
    assert Counter((tmp_path / "log").read_text().split()) == Counter(names)
