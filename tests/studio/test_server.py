"""The server that only this machine reaches."""

import socket

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.studio.server import serve


def test_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"--port: Expected a port that is free. Got {port}: "):
            serve([], port, browser=False)
