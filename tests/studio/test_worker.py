"""The process behind the page may die, and so may the server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.studio.asking import MERTENS, SLOW, Page
from tests.waiting import wait_until


@pytest.mark.slow
def test_a_killed_process_is_one_line(demo: Page) -> None:
    running = demo.begin("look", slot=0, bracket=0, settings=SLOW)
    wait_until(lambda: demo.client.get(f"jobs/{running}").json()["progress"].get("doing") == "Refining")
    os.kill(demo.worker(), signal.SIGKILL)
    job = demo.end(running)
    assert job["state"] == "failed" and "signal 9" in job["error"] and "\n" not in job["error"]
    assert demo.job("look", slot=0, bracket=0, settings=MERTENS)["state"] == "done"


@pytest.mark.slow
def test_pictures_are_deleted_even_where_the_server_is_killed(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from hdr_lightning.studio.sessions import Session\n"
        "if __name__ == '__main__':\n"
        f"    root = Path({str(tmp_path)!r}) / 'root'; root.mkdir(); session = Session(root)\n"
        "    (session.uploads / 'a.jpg').write_bytes(b'x'); session.begin('methods', lambda job: {})\n"
        "    print(input(), flush=True)"
    )
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, str(tmp_path / "program.py")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as server:
        try:
            wait_until(lambda: list(tmp_path.glob("root/*/jobs/1")))
            time.sleep(0.5)
        finally:
            server.kill()
    wait_until(lambda: not (tmp_path / "root").exists())
