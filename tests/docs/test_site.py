"""The site builds without warnings, and neither building nor reading it needs a network."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = """
import socket, sys

def refuse(*_):
    raise OSError("the build of the site asked for a network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
cli()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-c", BUILD, "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=300)
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


class Fetched(HTMLParser):
    """Addresses that a browser loads by itself, which links are not."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "object"):
            self.addresses += [values.get("src") or values.get("data") or ""]
        elif tag == "link" and values.get("rel") not in ("canonical", "next", "prev"):
            self.addresses += [values.get("href") or ""]


@pytest.mark.slow
def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        for address in Fetched(page.read_text(encoding="utf-8")).addresses:
            assert not re.match(r"(https?:)?//", address), (page, address)
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style


@pytest.mark.slow
def test_equations_and_docstrings_become_html(site: Path) -> None:
    how = (site / "how-it-works" / "index.html").read_text(encoding="utf-8")
    source = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    assert how.count("<math") == source.count("```math") > 5
    scores = (site / "api" / "scores" / "index.html").read_text(encoding="utf-8")
    assert 'id="hdr_lightning.metrics.mef_ssim.mef_ssim"' in scores
    assert "Traceback" not in scores
