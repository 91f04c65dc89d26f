import json
import re

import numpy as np
import pytest
import torch

from hdr_lightning.evaluation.report import embed_pictures, write_report
from hdr_lightning.evaluation.results import COLUMNS, ResultFolder
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.metrics.registry import METRICS
from hdr_lightning.scenes import Scene
from hdr_lightning.scenes.cache import StackCache

HOSTILE = "<script>alert(1)</script>"
CLOSING = '</script><img src=x onerror="alert(2)">%%DATA%%'


def values(score):
    return dict.fromkeys(COLUMNS, score) | {"memory_mb": None}


def write(tmp_path, table, published=None, pictures=None, failures=()):
    write_report(tmp_path / "report.html", table, published or {}, pictures or {}, list(failures))
    return (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def report(tmp_path, elements):
    def made(table, published=None, pictures=None, failures=()):
        text = write(tmp_path, table, published, pictures, failures)
        return text, json.loads(elements(text).data)

    return made


def test_numbers_are_those_of_the_table(report):
    table = {("a", "s"): values(0.5), ("a", "t"): values(0.75), ("b", "s"): values(0.25)}
    _, data = report(table, {"Paper": {"t": 0.99}})
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
def test_hostile_names_stay_text(report, elements, name):
    harmless, _ = report({("m", "s"): values(0.5)})
    text, data = report({(name, name): values(0.5)}, {name: {name: 0.5}}, failures=[f"{name}: {name}"])
    assert [tag for tag, _ in elements(text).tags] == [tag for tag, _ in elements(harmless).tags]
    assert data["scenes"] == [name]
    assert name not in text


def test_page_needs_nothing_else(report, elements):
    text, _ = report({("m", "s"): values(0.5)}, pictures={"s": {"m": "data:image/webp;base64,AA"}})
    for tag, attributes in elements(text).tags:
        assert tag not in ("iframe", "object")
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_pictures_are_small_and_right(tmp_path):
    pixels = [torch.full((3, 900, 1600), level) for level in (0.1, 0.9)]
    files = tuple(tmp_path / f"{k}.png" for k in range(2))
    for file, image in zip(files, pixels, strict=True):
        write_image(file, image, bits=16)
    scene = Scene("s", files, "s", (0, 1))
    folder = ResultFolder(tmp_path, ["m"], ["s"])
    folder.write_image("m", "s", torch.full((3, 900, 1600), 0.5))
    table = {("m", "s"): values(0.5)}
    pictures = embed_pictures([scene], table, folder, StackCache(tmp_path / "cache"))
    assert list(pictures["s"]) == ["(under)", "(over)", "m"]
    for uri, level in zip(pictures["s"].values(), (0.1, 0.9, 0.5), strict=True):
        decoded = decode(uri)
        assert decoded.shape == (720, 1280, 3)
        assert abs(decoded.mean() / 255 - level) < 0.01


def test_reference_is_shown_and_scored_where_there_is_one(tmp_path, report):
    files = tuple(tmp_path / f"{k}.png" for k in range(3))
    for file, level in zip(files, (0.1, 0.9, 0.4), strict=True):
        write_image(file, torch.full((3, 60, 80), level))
    scene = Scene("s", files[:2], "s", (0, 1), files[2])
    folder = ResultFolder(tmp_path, ["m"], ["s"])
    folder.write_image("m", "s", torch.full((3, 60, 80), 0.5))
    pictures = embed_pictures([scene], {("m", "s"): values(0.5)}, folder, StackCache(tmp_path / "cache"))
    assert list(pictures["s"]) == ["(under)", "(over)", "(reference)", "m"]
    assert abs(decode(pictures["s"]["(reference)"]).mean() / 255 - 0.4) < 0.01
    without = dict.fromkeys([name for name, info in METRICS.items() if info.against == "reference"])
    _, beside = report({("m", "s"): values(0.5), ("m", "t"): values(0.5) | without})
    _, alone = report({("m", "t"): values(0.5) | without})
    assert beside["scores"]["psnr"] == [[0.5, None]]
    assert list(beside["metrics"]) == list(METRICS)
    assert set(alone["metrics"]) == set(METRICS) - set(without)


def decode(uri):
    import base64
    import io

    from PIL import Image

    head, data = uri.split(",")
    assert head == "data:image/webp;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
