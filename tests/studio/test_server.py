"""The server that only this machine reaches."""

import socket
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.studio.server import serve


def test_port_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"--port: Expected a port that is free. Got {port}: "):
            serve([], port, browser=False)
    assert not list(tmp_path.iterdir())
