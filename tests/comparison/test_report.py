import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from hdr_lightning.comparison.pictures import choose, find_pictures
from hdr_lightning.comparison.report import compare_runs
from hdr_lightning.runs.reading import find_runs

WriteRun = Callable[..., Path]
TAG = "<img src=x onerror=alert(1)>"
HOSTILE = '</script><img src=x onerror="alert(2)">%%DATA%%'


def write_pictures(run: Path, scene: str, *names: str) -> None:
    folder = run / "images" / "test" / scene
    folder.mkdir(parents=True)
    for name in names:
        Image.fromarray(np.full((30, 40, 3), 99, np.uint8)).save(folder / f"{name}.png")


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


def test_hostile_names_stay_text(write_run: WriteRun, report: Any, elements: Any, sweep: Path) -> None:
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


def test_pictures_of_one_scene_stand_side_by_side(write_run: WriteRun, report: Any) -> None:
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


def test_run_under_way_shows_its_last_panels(write_run: WriteRun, sweep: Path) -> None:
    run = write_run("1", state="running")
    for epoch in (0, 3):
        (run / "images" / f"epoch_{epoch:04d}").mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(run / "images" / f"epoch_{epoch:04d}" / "v.png")
    files = find_pictures(find_runs([sweep])[0])
    assert files["v (validation)"]["all of it, last epoch"][0].parent.name == "epoch_0003"


def test_too_many_pictures_leave_out_scenes_and_then_the_worst_runs(write_run: WriteRun, sweep: Path) -> None:
    for name, score in (("1", 0.5), ("2", 0.9), ("3", 0.7)):
        folder = write_run(name, curve=(score,))
        for scene in ("s", "t"):
            write_pictures(folder, scene, "fused", "weight_1")
    runs, _ = find_runs([sweep])
    files = find_pictures(runs)
    assert list(choose(files, runs, 12)) == ["s", "t"]
    assert list(choose(files, runs, 11)) == ["s"]
    assert choose(files, runs, 4)["s"]["fused"].keys() == {1, 2}
