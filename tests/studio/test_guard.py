"""Who may come in, and what keeps the page to itself."""

import pytest
from starlette.testclient import TestClient

from hdr_lightning.studio.app import Studio
from tests.studio.asking import HOST, Client


def test_nothing_without_the_token(stranger: Client, studio: Studio) -> None:
    for path in ("/", "/x/", f"/{studio.token[:-1]}/", f"/{studio.token}x/", "/web/common.js", "/jobs/1"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.text.count("\n")) == (403, 1), path
    assert stranger.post(f"/{studio.token}/jobs", json={"do": "methods"}).status_code == 403  # no cookie


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
    cookie = TestClient(browser.app, base_url=HOST).get(browser.base_url.path).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and f"Path={browser.base_url.path}" in cookie
