"""Servers for the tests of the studio: one for each test that is fast, one for all that work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import skimage.data
from PIL import Image
from starlette.testclient import TestClient

from hdr_lightning.studio.app import Studio
from hdr_lightning.studio.demo import NAMES
from tests.studio.asking import HOST, Client, Page


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    with TestClient(studio.app(), base_url=HOST):
        yield studio


@pytest.fixture
def browser(studio: Studio) -> Client:
    """A browser of its own that has loaded the page."""
    client = TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/")
    assert client.get("").status_code == 200
    return client


@pytest.fixture
def stranger(studio: Studio) -> Client:
    return TestClient(studio.app(), base_url=HOST, follow_redirects=False)


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    studio = Studio()
    with TestClient(studio.app(), base_url=f"{HOST}/{studio.token}/") as client:
        yield Page(studio, client)


@pytest.fixture
def demo(page: Page) -> Page:
    page.client.post("clear")
    assert page.job("demo")["state"] == "done"
    (bracket,) = page.job("open")["result"]["brackets"]
    assert bracket["files"] == list(NAMES)
    return page


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Two folders of two exposures each."""
    for name, photograph in (("cat", skimage.data.chelsea()), ("coffee", skimage.data.coffee())):
        (tmp_path / "card" / name).mkdir(parents=True)
        for level in (60, 140):
            dim = (photograph[::3, ::3] * (level / 140)).astype("uint8")
            Image.fromarray(dim).save(tmp_path / "card" / name / f"{level}.jpg")
    return tmp_path / "card"
