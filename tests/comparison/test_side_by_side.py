import json
import os
import sys
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import pytest
import torch

from hdr_lightning.comparison.side_by_side import show_side_by_side
from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.report import write_report
from hdr_lightning.evaluation.results import COLUMNS, ResultFolder

HOSTILE = "a #1%/<b>"


def evaluated(folder: Path, methods: dict[str, float], scene: str, reference: bool) -> Path:
    """The folder of an evaluation of one scene, with a score for each method."""
    results = ResultFolder(folder, methods, [scene])
    table = {(name, scene): dict.fromkeys(COLUMNS, score) for name, score in methods.items()}
    shots = ["(under)", "(over)", *(["(reference)"] if reference else []), *methods]
    for name in methods:
        results.write_image(name, scene, torch.full((3, 4, 6), 0.5))
    pictures = {scene: dict.fromkeys(shots, "data:image/webp;base64,AA")}
    write_report(folder / "report.html", table, {"Paper": {scene: 0.9}}, pictures, [])
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    return [
        evaluated(tmp_path / "mefb", {"low": 0.1, "high: 1": 0.9}, HOSTILE, False),
        evaluated(tmp_path / "sice", {"high: 1": 0.8}, "12", True),
    ]


def test_each_evaluation_is_a_section_and_methods_keep_their_order(folders, tmp_path, elements) -> None:
    show_side_by_side([*folders, folders[0]], tmp_path / "both.html")
    text = (tmp_path / "both.html").read_text(encoding="utf-8")
    sets = json.loads(elements(text).data)["sets"]
    assert [each["name"] for each in sets] == ["mefb", "sice"]
    assert [method["name"] for method in sets[0]["methods"]] == ["low", "high: 1", "Paper"]
    assert sets[0]["scores"]["mef_ssim"] == [[0.1], [0.9], [0.9]]
    assert list(sets[1]["pictures"]["12"]) == ["(under)", "(over)", "(reference)", "high: 1"]
    assert HOSTILE not in text


@pytest.mark.parametrize("place", ["page.html", "pages/page.html", "mefb/page.html"])
def test_links_lead_to_the_images(folders, tmp_path, elements, place) -> None:
    page = tmp_path / place
    show_side_by_side(folders, page)
    (first, second) = json.loads(elements(page.read_text(encoding="utf-8")).data)["sets"]
    links = [*(link for by_scene in first["links"].values() for link in by_scene.values())]
    assert len(links) == 2
    for link in [*links, second["links"]["high: 1"]["12"]]:
        assert (page.parent / unquote(link)).is_file()
        assert not {"#", "?", ":"} & set(link)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_folder_may_have_any_name(tmp_path, elements) -> None:
    folder = evaluated(tmp_path / os.fsdecode(b"\xff"), {"one": 0.1}, "12", False)
    show_side_by_side([folder], tmp_path / "page.html")
    data = json.loads(elements((tmp_path / "page.html").read_text(encoding="utf-8")).data)
    link = data["sets"][0]["links"]["one"]["12"]
    assert (tmp_path / os.fsdecode(unquote_to_bytes(link))).is_file()


def test_image_that_is_gone_has_no_link(folders, tmp_path, elements) -> None:
    next((tmp_path / "sice" / "images").rglob("*.png")).unlink()
    show_side_by_side(folders[1:], tmp_path / "page.html")
    data = json.loads(elements((tmp_path / "page.html").read_text(encoding="utf-8")).data)
    assert data["sets"][0]["links"] == {"high: 1": {}}


def test_what_is_no_evaluation_is_named(folders, tmp_path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(InputError, match=r"Expected evaluations only, or runs only. Got .*run, which has no"):
        show_side_by_side([*folders, tmp_path / "run"], tmp_path / "page.html")
    for content in ("", '<script type="application/json" id="data">{"scenes": []}</script>'):
        (folders[0] / "report.html").write_text(content)
        with pytest.raises(InputError, match=r"report.html: Expected a report of hdr-evaluate"):
            show_side_by_side(folders, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
