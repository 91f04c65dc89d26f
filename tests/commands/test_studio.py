"""The command `hdr-studio` as it is started."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from threading import Thread

import pytest

from hdr_lightning.commands.studio import main

# A shell's job in the background would hand down that Ctrl-C is ignored.
START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
START += "from hdr_lightning.commands.studio import main; main()"
COMMAND = [sys.executable, "-c", START]


def test_serves_until_it_is_interrupted_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [*COMMAND, str(tmp_path), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as server:
        assert server.stdout is not None and server.stderr is not None
        address = server.stdout.readline().decode().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", address)
        with urllib.request.urlopen(address) as page:
            assert f'"folders": ["{tmp_path}"]' in page.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(address[:-2] + "/")
        assert [folder.name[:11] for folder in tmp_path.iterdir()] == ["hdr-studio-"]
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 130
        assert server.stderr.read() == b""
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_interruption_of_a_job_is_quiet() -> None:
    command = [*COMMAND, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None and server.stderr is not None
        address = server.stdout.readline().decode().strip()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(address).read()
        opener.open(f"{address}jobs", json.dumps({"do": "methods"}).encode()).read()
        opener.open(f"{address}jobs/1?seen=0").read()
        waiting = Thread(target=lambda: opener.open(f"{address}jobs/1?seen=1").read())
        waiting.start()
        time.sleep(0.3)
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 130
        waiting.join()
        assert server.stderr.read() == b""


def test_bad_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"error: Expected a folder. Got {tmp_path}/none"):
        main([f"{tmp_path}/none"])
    with pytest.raises(SystemExit, match="2"):
        main(["--port", "70000"])


def test_missing_extra_is_told() -> None:
    program = (
        "import sys; sys.modules['uvicorn'] = None; from hdr_lightning.commands.studio import main; main([])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    told = "error: Expected uvicorn for hdr-studio. Got none: pip install 'hdr-lightning[studio]'\n"
    assert (done.returncode, done.stderr) == (1, told)
