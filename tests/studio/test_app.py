"""What is answered to whom."""

import stat
from pathlib import Path

from starlette.testclient import TestClient

from hdr_lightning.studio.app import Studio
from tests.studio.asking import HOST, Client, a_job, jpeg, session_of


def test_ticket_opens_once(stranger: Client, studio: Studio) -> None:
    ticket = studio.ticket
    first, second = (stranger.get(f"/open/{ticket}") for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (303, f"/{studio.token}/")
    assert second.status_code == 403


def test_two_browsers_do_not_see_each_other(studio: Studio, browser: Client, tmp_path: Path) -> None:
    browser.put("files/a.jpg", content=jpeg(tmp_path))
    other = TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/")
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
