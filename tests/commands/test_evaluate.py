"""The command line: what answers at once, and what an evaluation leaves behind."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from hdr_lightning.blending import weighted_sum
from hdr_lightning.commands.evaluate import CONF
from hdr_lightning.config import schema
from hdr_lightning.errors import InputError
from hdr_lightning.evaluation import scoring as evaluation
from hdr_lightning.evaluation.scoring import evaluate
from hdr_lightning.imaging.reading import read_image, to_float
from hdr_lightning.metrics import mef_ssim

COMMAND = [sys.executable, "-W", "error", str(Path(__file__).parents[2] / "evaluate.py")]


def command(*overrides: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *overrides], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def settings(brackets: Path, tmp_path: Path):
    def composed(*overrides: str) -> dict:
        quick = [
            *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}", "device=cpu"),
            *("methods=[average,variance]", f"output={tmp_path / 'out'}", *overrides),
        ]
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return schema.plain(compose("evaluate", quick))

    return composed


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_scores_are_those_of_the_kept_images(settings, brackets, tmp_path) -> None:
    assert evaluate(settings()) == []
    table = rows(tmp_path / "out")
    assert [(row["method"], row["scene"]) for row in table[:2]] == [
        ("average", "scene_0"),
        ("average", "scene_1"),
    ]
    assert len(table) == 2 * 8
    folder = brackets / "scene_0"
    exposures = torch.stack([to_float(read_image(folder / f"{k}.png")) for k in (1, 2)])[None]
    kept = to_float(read_image(tmp_path / "out" / "images" / "average" / "scene_0.png"))[None]
    expected = weighted_sum(exposures, torch.full((1, 2, 1, 64, 80), 0.5))
    torch.testing.assert_close(kept, expected, atol=0.5001 / 255, rtol=0)
    assert float(table[0]["mef_ssim"]) == pytest.approx(mef_ssim(kept, exposures).item(), abs=1e-5)
    assert float(table[0]["seconds"]) > 0
    assert "scene_0" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_an_added_method_does_not_compute_the_others_again(settings, tmp_path, monkeypatch) -> None:
    evaluate(settings("methods=[average]"))
    before = rows(tmp_path / "out")
    scored = []
    score = evaluation.score
    monkeypatch.setattr(evaluation, "score", lambda *args: scored.append(args) or score(*args))
    evaluate(settings("methods=[average,adaptive]"))
    assert len(scored) == 8 + 1  # every scene, and once to warm up
    assert rows(tmp_path / "out")[:8] == before


def test_references_are_scored_where_a_scene_has_one(settings, brackets, tmp_path) -> None:
    wanted = read_image(brackets / "scene_0" / "2.png")
    Image.fromarray(wanted).save(brackets / "scene_0" / "reference.png")
    Image.fromarray(wanted[:50]).save(brackets / "scene_1" / "reference.png")
    (failure,) = evaluate(settings("methods=[average]"))
    assert failure.startswith("scene_1: Expected a reference of the size of its exposures, 80 x 64. Got")
    first, *others = rows(tmp_path / "out")
    kept = read_image(tmp_path / "out" / "images" / "average" / "scene_0.png")
    assert float(first["psnr"]) == pytest.approx(peak_signal_noise_ratio(wanted, kept), abs=1e-4)
    assert float(first["ciede2000"]) > 0
    assert [row["scene"] for row in others] == [f"scene_{n}" for n in range(2, 8)]
    assert {row["psnr"] for row in others} == {""}
    assert all(row["chroma_kept"] for row in others)
    before = float(first["psnr"])
    Image.fromarray(kept).save(brackets / "scene_0" / "reference.png")
    evaluate(settings("methods=[average]"))
    assert float(rows(tmp_path / "out")[0]["psnr"]) > before


@pytest.mark.parametrize("change", ["image", "code"])
def test_what_changed_is_computed_again(settings, brackets, tmp_path, monkeypatch, change) -> None:
    evaluate(settings("methods=[average]"))
    before = rows(tmp_path / "out")
    if change == "image":
        (brackets / "scene_3" / "1.png").write_bytes((brackets / "scene_4" / "1.png").read_bytes())
    else:
        monkeypatch.setattr(evaluation, "_code", lambda: "other")
    evaluate(settings("methods=[average]"))
    changed = [new["scene"] for old, new in zip(before, rows(tmp_path / "out"), strict=True) if old != new]
    assert changed == ["scene_3"] if change == "image" else len(changed) == 8


def test_a_broken_scene_and_a_failing_method_leave_the_others_done(
    settings, brackets, tmp_path, monkeypatch
) -> None:
    (brackets / "scene_2" / "1.png").write_bytes(b"no image")
    score = evaluation.score

    def failing(fusion, exposures, *reference):
        if exposures.shape[-1] == 80 and len(failed) == 0:
            failed.append(fusion)
            raise RuntimeError("out of memory\nand much more")
        return score(fusion, exposures, *reference)

    failed: list = []
    monkeypatch.setattr(evaluation, "score", failing)
    failures = evaluate(settings())
    assert len(failures) == 2
    assert "scene_2" in failures[0]
    assert "1.png" in failures[0]
    assert failures[1] == "scene_0, average: RuntimeError: out of memory"
    done = {(row["method"], row["scene"]) for row in rows(tmp_path / "out")}
    assert len(done) == 2 * 7 - 1
    assert "out of memory" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["methods=[]"], "methods: Expected at least one"),
        (["methods=[average,average]"], "each once"),
        (["methods=[avrage]"], "did you mean average"),
        (["published=nowhere.csv"], "nowhere.csv"),
        (["data.root=nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_refused_before_any_work(settings, tmp_path, overrides, message) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(settings(*overrides))
    assert not (tmp_path / "out").exists()


def test_one_split_only(settings, tmp_path) -> None:
    config = settings("data.split=test", "data.test_fraction=0.25", "data.val_fraction=0.25")
    assert len(evaluation.choose_scenes(config["data"], tmp_path)) == 2
    whole = {scene.name for scene in evaluation.choose_scenes(settings()["data"], tmp_path)}
    parts = [
        {scene.name for scene in evaluation.choose_scenes(settings(f"data.split={split}")["data"], tmp_path)}
        for split in ("train", "val", "test")
    ]
    assert sorted(map(len, parts)) == [1, 1, 6]
    assert set.union(*parts) == whole


def test_answers_before_anything_heavy_is_imported() -> None:
    heavy = "{'torch', 'lightning', 'kornia', 'torchmetrics', 'cv2', 'skimage'}"
    code = (
        f"import sys, hdr_lightning.commands.evaluate; sys.exit(', '.join({heavy} & sys.modules.keys()) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_help_tells_methods_data_and_values(tmp_path: Path) -> None:
    shown = command("--help", cwd=tmp_path).stdout
    assert "data: demo, folder, mefb, pairs, photographs, sice" in shown
    assert "adaptive:first" in shown
    assert "published: null" in shown


def test_command_ends_with_one_line_for_bad_input(tmp_path: Path) -> None:
    result = command("data=folder", "data.root=nowhere", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: Expected")
    assert len(result.stderr.splitlines()) == 1


def test_command_lists_what_failed(brackets: Path, tmp_path: Path) -> None:
    for number in range(1, 8):
        for file in (brackets / f"scene_{number}").iterdir():
            file.write_bytes(b"no image" if number == 5 else file.read_bytes())
    result = command(
        *("data=folder", f"data.root={brackets}", f"data.cache_dir={tmp_path / 'cache'}"),
        *("methods=[average]", "output=out", "device=cpu"),
        cwd=tmp_path,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Got none for:\n  scene_5" in result.stderr
    assert len(rows(tmp_path / "out")) == 7
