import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from hdr_lightning.cache import StackCache
from hdr_lightning.encoding import write_image
from hdr_lightning.evaluation.report import embed_pictures, write_report
from hdr_lightning.evaluation.results import COLUMNS, ResultFolder
from hdr_lightning.pages.page import page
from hdr_lightning.scenes import Scene

HOSTILE = "<script>alert(1)</script>"
CLOSING = '</script><img src=x onerror="alert(2)">%%DATA%%'


class Elements(HTMLParser):
    """The elements of a page, and what its data element holds."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self._inside = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = ("id", "data") in attrs

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.data += data


def values(score):
    return dict.fromkeys(COLUMNS, score) | {"memory_mb": None}


def report(tmp_path, table, published=None, pictures=None, failures=()):
    write_report(tmp_path / "report.html", table, published or {}, pictures or {}, list(failures))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    return text, json.loads(Elements(text).data)


def test_numbers_are_those_of_the_table(tmp_path):
    table = {("a", "s"): values(0.5), ("a", "t"): values(0.75), ("b", "s"): values(0.25)}
    _, data = report(tmp_path, table, {"Paper": {"t": 0.99}})
    assert data["scenes"] == ["s", "t"]
    assert [(m["name"], m["published"]) for m in data["methods"]] == [
        ("a", False),
        ("b", False),
        ("Paper", True),
    ]
    assert data["scores"]["mef_ssim"] == [[0.5, 0.75], [0.25, None], [None, 0.99]]
    assert data["scores"]["vif"][2] == [None, None]
    first = data["summaries"]["mef_ssim"][0]
    assert (first["mean"], first["minimum"], first["scenes"], first["wins"]) == (0.625, 0.5, 2, 1)
    assert data["summaries"]["clipped"][2] is None
    assert data["comparisons"]["mef_ssim"]["0,1"]["difference"] == 0.25
    assert "1,2" not in data["comparisons"]["mef_ssim"]


@pytest.mark.parametrize("name", [HOSTILE, CLOSING])
def test_hostile_names_stay_text(tmp_path, name):
    harmless, _ = report(tmp_path, {("m", "s"): values(0.5)})
    text, data = report(
        tmp_path, {(name, name): values(0.5)}, {name: {name: 0.5}}, failures=[f"{name}: {name}"]
    )
    assert [tag for tag, _ in Elements(text).tags] == [tag for tag, _ in Elements(harmless).tags]
    assert data["scenes"] == [name]
    assert name not in text


def test_scripts_never_write_html():
    from hdr_lightning.pages.page import WEB

    for script in WEB.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text()
        )


def test_page_needs_nothing_else(tmp_path):
    text, _ = report(tmp_path, {("m", "s"): values(0.5)}, pictures={"s": {"m": "data:image/webp;base64,AA"}})
    for tag, attributes in Elements(text).tags:
        assert tag not in ("iframe", "object")
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_title_is_escaped_and_numbers_that_are_none_become_null():
    text = page("<b>", ("viewer", "evaluation"), {"x": [float("nan"), float("inf"), 1.0]})
    assert "<b>" not in text
    assert json.loads(Elements(text).data) == {"x": [None, None, 1.0]}


def test_pictures_are_small_and_right(tmp_path):
    pixels = [torch.full((3, 900, 1600), level) for level in (0.1, 0.9)]
    files = tuple(tmp_path / f"{k}.png" for k in range(2))
    for file, image in zip(files, pixels, strict=True):
        write_image(file, image, bits=16)
    scene = Scene("s", files, "s", (0, 1))
    folder = ResultFolder(tmp_path, ["m"], ["s"])
    folder.store("m", "s", "key", values(0.5), torch.full((3, 900, 1600), 0.5))
    table = {("m", "s"): values(0.5)}
    pictures = embed_pictures([scene], table, folder, StackCache(tmp_path / "cache"))
    assert list(pictures["s"]) == ["(under)", "(over)", "m"]
    for uri, level in zip(pictures["s"].values(), (0.1, 0.9, 0.5), strict=True):
        decoded = decode(uri)
        assert decoded.shape == (720, 1280, 3)
        assert abs(decoded.mean() / 255 - level) < 0.01


def decode(uri):
    import base64
    import io

    from PIL import Image

    head, data = uri.split(",")
    assert head == "data:image/webp;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
