import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hdr_lightning.comparison.report import compare_runs

WriteRun = Callable[..., Path]
WritePictures = Callable[..., None]
TAG = "<img src=x onerror=alert(1)>"
HOSTILE = '</script><img src=x onerror="alert(2)">%%DATA%%'


@pytest.fixture
def report(sweep: Path, elements: Any) -> Callable[[], tuple[str, dict[str, Any]]]:
    def made() -> tuple[str, dict[str, Any]]:
        compare_runs([sweep], sweep / "page.html")
        text = (sweep / "page.html").read_text(encoding="utf-8")
        return text, json.loads(elements(text).data)

    return made


def test_page_tells_of_every_run(write_run: WriteRun, report: Any, elements: Any) -> None:
    write_run("1", gamma="var", test={"a": 0.5})
    write_run("2", gamma="grad", curve=(0.7,), state="running")
    text, data = report()
    assert [(run["name"], run["state"], run["best"], run["final"]) for run in data["runs"]] == [
        ("1", "finished", 0.9, 0.9),
        ("2", "running", 0.7, 0.7),
    ]
    assert data["curves"]["val/mef_ssim"] == [[[1, 60, 0.8], [2, 120, 0.9]], [[1, 60, 0.7]]]
    assert data["scenes"]["test scenes"]["rows"][0][0] == "a"
    assert data["scenes"]["validation scenes, last epoch"]["header"] == ["scene", "grad", "var"]
    assert data["differences"]["loss.gamma"] == ["var", "grad"]
    assert "optimizer.lr" not in data["differences"]
    assert "<title>sweep: 2 runs</title>" in text
    for _, attributes in elements(text).tags:
        assert all(attributes.get(name, "data:").startswith("data:") for name in ("src", "href"))
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_hostile_names_stay_text(
    write_pictures: WritePictures, write_run: WriteRun, report: Any, elements: Any, sweep: Path
) -> None:
    write_run("1", test={"a": 0.5})
    write_run("2", gamma="grad", test={"a": 0.5})
    harmless, _ = report()
    folder = write_run(TAG, gamma=HOSTILE, test={HOSTILE: 0.5}, state="failed")
    record = {"state": "failed", "reason": HOSTILE, "commit": HOSTILE, "parameters": 1}
    (folder / "run.yaml").write_text(yaml.safe_dump(record))
    (folder / "history.csv").write_text(f"epoch,seconds,{TAG}\n0,1,0.5\n")
    write_pictures(folder, TAG, TAG)
    (write_run(f"{TAG}2") / "run.yaml").write_text(f"state: {TAG}\n")
    text, data = report()
    assert [tag for tag, _ in elements(text).tags] == [tag for tag, _ in elements(harmless).tags]
    assert HOSTILE not in text and TAG not in text
    assert data["settings"][0]["label"] == HOSTILE
    assert data["runs"][-1]["name"] == TAG and data["runs"][-1]["reason"] == HOSTILE
    assert TAG in data["pictures"] and TAG in data["curves"] and TAG in data["problems"][0]


def test_long_curves_are_thinned_and_keep_their_ends(write_run: WriteRun, report: Any) -> None:
    write_run("1", curve=tuple(0.5 + 1e-4 * epoch for epoch in range(3000)))
    (points,) = report()[1]["curves"]["val/mef_ssim"]
    assert len(points) <= 400
    assert (points[0][0], points[-1][0]) == (1, 3000)


def test_pictures_of_one_scene_stand_side_by_side(
    write_pictures: WritePictures, write_run: WriteRun, report: Any
) -> None:
    for name, gamma in (("1", "var"), ("2", "grad")):
        write_pictures(write_run(name, gamma=gamma, test={}), "s", "fused", "weight_1", "gamma_1", "average")
    pictures = report()[1]["pictures"]
    assert list(pictures) == ["s"]
    assert {kind: list(by_run) for kind, by_run in pictures["s"].items()} == {
        "average": ["0"],  # the same in every run
        "fused": ["0", "1"],
        "gamma 1": ["0", "1"],
        "weight 1": ["0", "1"],
    }
    assert pictures["s"]["fused"]["1"].startswith("data:image/webp;base64,")
