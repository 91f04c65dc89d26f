"""Files that come from the browser, and names that lead elsewhere."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import pytest

from hdr_lightning.studio import uploads
from hdr_lightning.studio.app import Studio
from tests.studio.asking import Client, jpeg, session_of


def test_files_arrive_whole(studio: Studio, browser: Client, tmp_path: Path) -> None:
    content = jpeg(tmp_path)
    assert browser.put("files/day%201/IMG_1.JPG", content=content).status_code == 200
    folder = session_of(studio, browser).uploads
    assert (folder / "day 1" / "IMG_1.JPG").read_bytes() == content
    again = browser.put("files/day%201/IMG_1.JPG", content=b"x")
    assert again.status_code == 400 and "twice" in again.json()["error"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../x.jpg",
            "..%2F..%2Fx.jpg",
            "a/../../x.jpg",
            "%2Fetc%2Fx.jpg",
            "a/b/c.jpg",
            ".x.jpg",
            "a%5Cb.jpg",
        ),
        *("x%00.jpg", "x%0A.jpg", f"{'x' * 300}.jpg", "x.py", "x", "a/.jpg", "%20/x.jpg"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(studio: Studio, browser: Client, name: str) -> None:
    address = browser.base_url.path + f"files/{name}"
    scope = {"raw_path": address.encode(), "path": unquote(address)}  # as it comes, clients tidy paths up
    assert ask_raw(studio, scope, browser.cookies["hdr_studio"]) in (400, 403, 404, 405)
    root = studio.sessions.root
    assert not [path for path in root.rglob("*") if path.is_file()]


def ask_raw(studio: Studio, scope: dict[str, Any], cookie: str) -> int:
    """Status of a PUT whose path is not tidied up."""

    async def put() -> int:
        status = []

        async def send(message: Any) -> None:
            status.extend([message["status"]] if message["type"] == "http.response.start" else [])

        async def receive() -> Any:
            return {"type": "http.request", "body": b"x", "more_body": False}

        headers = [(b"host", b"localhost"), (b"cookie", f"hdr_studio={cookie}".encode())]
        plain = {"type": "http", "method": "PUT", "query_string": b"", "headers": headers, "root_path": ""}
        await studio.app()({**plain, **scope}, receive, send)
        return status[0]

    return anyio.run(put)


def test_huge_files_are_refused(
    studio: Studio, browser: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_FILE", 1000)
    announced = browser.put("files/a.jpg", content=b"x" * 1001)
    streamed = browser.put("files/b.jpg", content=(b"x" * 100 for _ in range(20)))
    for answer in (announced, streamed):
        assert answer.status_code == 400 and answer.json()["error"].startswith("Expected at most 0 MB for ")
    assert not list(session_of(studio, browser).uploads.iterdir())
    assert browser.put("files/c.jpg", content=b"x" * 1000).status_code == 200
    long = browser.post("jobs", content=b"x" * 70_000)
    assert long.status_code == 413
    monkeypatch.setattr(uploads, "LARGEST_SESSION", 1500)
    assert browser.put("files/d.jpg", content=b"x" * 600).status_code == 400
