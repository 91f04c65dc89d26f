"""The page's server as browsers meet it, and those who are to stay outside."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from starlette import testclient

from hdr_lightning.studio import uploads
from hdr_lightning.studio.app import Studio
from hdr_lightning.studio.sessions import Job, Session

HOST = "http://127.0.0.1:8000"
Client = Any


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    with testclient.TestClient(studio.app(), base_url=HOST):
        yield studio


@pytest.fixture
def browser(studio: Studio) -> Client:
    """A browser of its own that has loaded the page."""
    client = testclient.TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/")
    assert client.get("").status_code == 200
    return client


@pytest.fixture
def stranger(studio: Studio) -> Client:
    return testclient.TestClient(studio.app(), base_url=HOST, follow_redirects=False)


def session_of(studio: Studio, browser: Client) -> Session:
    session = studio.sessions.get(browser.cookies["hdr_studio"])
    assert session is not None
    return session


def a_job(session: Session) -> Job:
    """One that was done, without a process."""
    job = Job(1, "look", session.folder / "jobs" / "1", "done")
    job.folder.mkdir()
    session.jobs[1] = job
    return job


def jpeg(folder: Path, level: int = 99) -> bytes:
    pixels = np.random.default_rng(0).integers(0, level, (48, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "x.jpg")
    return (folder / "x.jpg").read_bytes()


def test_nothing_without_the_token(stranger: Client, studio: Studio) -> None:
    for path in ("/", "/x/", f"/{studio.token[:-1]}/", f"/{studio.token}x/", "/web/common.js", "/jobs/1"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.text.count("\n")) == (403, 1), path
    assert stranger.post(f"/{studio.token}/jobs", json={"do": "methods"}).status_code == 403  # no cookie


def test_ticket_opens_once(stranger: Client, studio: Studio) -> None:
    ticket = studio.ticket
    first, second = (stranger.get(f"/open/{ticket}") for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (303, f"/{studio.token}/")
    assert second.status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example"]
)
def test_other_names_of_this_machine_are_refused(stranger: Client, studio: Studio, host: str) -> None:
    assert stranger.get(f"/{studio.token}/", headers={"host": host}).status_code == 400
    assert (
        stranger.get(f"/{studio.token}/", headers={"host": "localhost:9000"}).status_code == 200
    )  # a tunnel


def test_headers_keep_the_page_to_itself(browser: Client) -> None:
    headers = browser.get("").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer" and headers["cache-control"] == "no-store"
    cookie = (
        testclient.TestClient(browser.app, base_url=HOST).get(browser.base_url.path).headers["set-cookie"]
    )
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and f"Path={browser.base_url.path}" in cookie


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
    import anyio

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


def test_two_browsers_do_not_see_each_other(studio: Studio, browser: Client, tmp_path: Path) -> None:
    browser.put("files/a.jpg", content=jpeg(tmp_path))
    other = testclient.TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/")
    other.get("")
    mine, theirs = session_of(studio, browser), session_of(studio, other)
    assert mine.folder != theirs.folder and not list(theirs.uploads.iterdir())
    job = a_job(mine)
    (job.folder / "result.jpg").write_bytes(b"mine")
    assert browser.get(f"jobs/{job.number}/result.jpg").content == b"mine"
    assert other.get(f"jobs/{job.number}/result.jpg").status_code == 400
    for folder in (studio.sessions.root, mine.folder, theirs.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_only_pictures_of_a_job_are_shown(studio: Studio, browser: Client) -> None:
    session = session_of(studio, browser)
    job = a_job(session)
    (session.folder / "secret.jpg").write_bytes(b"x")
    (job.folder / "file.html").write_bytes(b"x")
    for name in (
        "..%2F..%2Fsecret.jpg",
        "..%2F..%2F..%2Fsecret.jpg",
        "file.html",
        "nothing.jpg",
        "%2Fetc%2Fpasswd",
    ):
        assert browser.get(f"jobs/{job.number}/{name}").status_code in (400, 404), name
    assert browser.get(f"jobs/{job.number}/file").status_code == 404
    assert browser.get("web/..%2Fpage.py").status_code == 404


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "do: Expected one of open, "),
        ({"do": "look", "slot": 0, "bracket": 0}, "Expected one of the brackets"),
        ({"do": "look", "slot": 7, "bracket": 0}, "slot: Expected 0 or 1. Got 7"),
        (
            {"do": "open", "folder": "relative"},
            "a folder of this machine, its whole path. Got relative",
        ),
        ({"do": "open", "folder": 3}, "folder: Expected text"),
        ({"do": "networks"}, "Expected the path of a network"),
        ({"do": "planned", "settings": {"output": "/etc"}}, "output: Expected a setting of the page"),
        ({"do": "planned", "settings": {"brightness": 7}}, "expected a number from -1 to 1, got '7'"),
        (
            {"do": "planned", "settings": {"method": "--output=/etc"}},
            "method: Expected a word that begins other",
        ),
        ({"do": "planned", "settings": {"method": ["x"]}}, "method: Expected a word or a number. Got list"),
        ([], "Expected a question of the page"),
    ],
    ids=str,
)
def test_questions_that_mean_nothing_are_one_line(browser: Client, asked: Any, message: str) -> None:
    answer = browser.post("jobs", json=asked)
    assert answer.status_code == 400 and message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_everything_is_deleted_at_the_end(tmp_path: Path) -> None:
    studio = Studio()
    with testclient.TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/") as client:
        client.get("")
        client.put("files/a.jpg", content=jpeg(tmp_path))
        root = studio.sessions.root
        assert [path.name for path in root.rglob("*.jpg")] == ["a.jpg"]
        client.post("clear")
        assert not list(root.rglob("*.jpg"))
    assert not root.exists()


def test_too_many_browsers(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr_lightning.studio.sessions.MOST", 0)
    answer = testclient.TestClient(studio.app(), base_url=HOST).get(f"/{studio.token}/")
    assert answer.status_code == 400 and answer.json()["error"].startswith("Expected at most 0 browsers")
