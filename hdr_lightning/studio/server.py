"""The server of `hdr-studio`, which only this machine reaches."""

import logging
import socket
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from types import FrameType

import uvicorn

from hdr_lightning.errors import InputError
from hdr_lightning.studio.app import Studio

HOST = "127.0.0.1"


def serve(folders: Sequence[Path], port: int, browser: bool) -> None:
    """Serve until Ctrl-C.

    Args:
        folders: Folders that the page offers.
        port: Of this machine; 0 for a free one.
        browser: Whether to open the page.

    Raises:
        InputError: The port is taken.
    """
    with _listening(port) as listening:
        studio = Studio(folders)
        root = f"http://{HOST}:{listening.getsockname()[1]}"
        print(
            f"{root}/{studio.token}/\nThe page and your pictures stay on this machine. Ctrl-C ends it.",
            flush=True,
        )
        if browser:
            Thread(target=webbrowser.open, args=(f"{root}/open/{studio.ticket}",), daemon=True).start()
        config = uvicorn.Config(
            studio.app(),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        _Server(config, studio).run(sockets=[listening])


class _Server(uvicorn.Server):
    """One that is quiet about what it has to break off at its end."""

    def __init__(self, config: uvicorn.Config, studio: Studio) -> None:
        super().__init__(config)
        self._studio = studio

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._studio.closing = True
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        super().handle_exit(sig, frame)


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise InputError(f"--port: Expected a port that is free. Got {port}: {error.strerror}") from error
    listening.listen()
    return listening
