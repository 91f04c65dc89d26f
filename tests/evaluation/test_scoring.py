"""What an evaluation leaves behind, and what of it the next one computes again."""

import os

import pytest
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from hdr_lightning.blending import weighted_sum
from hdr_lightning.errors import InputError
from hdr_lightning.evaluation import contestants
from hdr_lightning.evaluation import scoring as evaluation
from hdr_lightning.evaluation.scoring import evaluate
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.levels import to_float
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.metrics.registry import METRICS


def test_scores_are_those_of_the_kept_images(settings, rows, brackets, tmp_path) -> None:
    assert evaluate(settings("tables=[markdown]")) == []
    assert (
        (tmp_path / "out" / "methods.md")
        .read_text(encoding="utf-8")
        .startswith("| method | scenes | MEF-SSIM |")
    )
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


def test_an_added_method_does_not_compute_the_others_again(settings, rows, tmp_path, fused) -> None:
    evaluate(settings("methods=[average]"))
    before = rows(tmp_path / "out")
    fused.clear()
    evaluate(settings("methods=[average,adaptive]"))
    assert fused == [f"adaptive/scene_{n}" for n in range(8)]
    assert rows(tmp_path / "out")[:8] == before


def test_a_changed_metric_is_computed_on_the_images_that_there_are(
    settings, rows, tmp_path, fused, monkeypatch
) -> None:
    evaluate(settings("methods=[average]"))
    before = rows(tmp_path / "out")
    fused.clear()
    monkeypatch.setitem(METRICS._ours, "vif", METRICS["vif"]._replace(function=METRICS["q_abf"].function))
    evaluate(settings("methods=[average]"))
    assert fused == []
    assert rows(tmp_path / "out") == [row | {"vif": row["q_abf"]} for row in before]


def test_changed_reading_of_photographs_is_a_changed_photograph(
    settings, rows, tmp_path, fused, monkeypatch
) -> None:
    evaluate(settings("methods=[average]"))
    fused.clear()
    monkeypatch.setattr(evaluation, "of_code", lambda *modules: f"other {modules}")
    evaluate(settings("methods=[average]"))
    assert fused == [f"average/scene_{n}" for n in range(8)]


def test_references_are_scored_where_a_scene_has_one(settings, rows, brackets, tmp_path) -> None:
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


def test_a_changed_picture_is_computed_again_whatever_its_time(
    settings, rows, brackets, tmp_path, fused
) -> None:
    old, new = brackets / "scene_3" / "1.png", brackets / "scene_4" / "1.png"
    first = new.read_bytes()
    new.write_bytes(first + bytes(max(0, old.stat().st_size - len(first))))  # a PNG may have a tail
    old.write_bytes(old.read_bytes() + bytes(new.stat().st_size - old.stat().st_size))
    evaluate(settings("methods=[average]"))
    before, then = rows(tmp_path / "out"), old.stat()
    old.write_bytes(new.read_bytes())
    os.utime(old, ns=(then.st_atime_ns, then.st_mtime_ns))
    fused.clear()
    evaluate(settings("methods=[average]"))
    changed = [new["scene"] for old, new in zip(before, rows(tmp_path / "out"), strict=True) if old != new]
    assert fused == ["average/scene_3"]
    assert changed == ["scene_3"]


def test_pictures_that_were_only_touched_or_moved_keep_their_scores(
    settings, rows, brackets, tmp_path, fused
) -> None:
    evaluate(settings("methods=[average]"))
    before = rows(tmp_path / "out")
    fused.clear()
    moved = brackets.rename(tmp_path / "moved")
    os.utime(moved / "scene_0" / "1.png")
    evaluate(settings("methods=[average]", f"data.root={moved}"))
    assert fused == []
    assert rows(tmp_path / "out") == before


def test_a_broken_scene_and_a_failing_method_leave_the_others_done(
    settings, rows, brackets, tmp_path, monkeypatch
) -> None:
    (brackets / "scene_2" / "1.png").write_bytes(b"no image")
    fuse = contestants.Fuses.image

    def failing(entrant, scene, exposures):
        if len(failed) == 0:
            failed.append(entrant)
            raise RuntimeError("out of memory\nand much more")
        return fuse(entrant, scene, exposures)

    failed: list = []
    monkeypatch.setattr(contestants.Fuses, "image", failing)
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
