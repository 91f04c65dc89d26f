import csv

import pytest
import torch

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.results import (
    COLUMNS,
    Keys,
    ResultFolder,
    read_published,
    write_scores,
    write_text,
)
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.metrics.registry import METRICS

VALUES = {column: index / 7 for index, column in enumerate(COLUMNS)} | {"memory_mb": None}


KEYS = Keys("image", dict.fromkeys(METRICS, "score"))


@pytest.fixture
def folder(tmp_path):
    kept = ResultFolder(tmp_path, ["a+b"], ["scene"])
    kept.write_image("a+b", "scene", torch.full((3, 4, 5), 0.2))
    kept.store("a+b", "scene", KEYS, VALUES)
    return kept


def test_text_with_any_name_of_a_file_is_written(tmp_path):
    write_text(tmp_path / "page.html", "of a\udcff")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "of a?"


def test_results_are_found_again_under_their_key_only(tmp_path, folder):
    assert ResultFolder(tmp_path / "new", ["a+b"], ["scene"]).load("a+b", "scene", KEYS) is None
    assert folder.load("a+b", "scene", KEYS) == VALUES
    assert folder.load("a+b", "scene", KEYS._replace(image="other")) is None
    assert (read_image(folder.image("a+b", "scene")) == 51).all()


def test_a_changed_metric_leaves_the_other_scores_and_the_costs(folder):
    held = folder.load("a+b", "scene", KEYS._replace(scores=KEYS.scores | {"vif": "other", "new": "key"}))
    assert held == {column: value for column, value in VALUES.items() if column != "vif"}


def test_a_new_image_has_none_of_the_old_scores(folder):
    folder.write_image("a+b", "scene", torch.zeros(3, 4, 5))
    assert folder.load("a+b", "scene", KEYS) is None


@pytest.mark.parametrize(
    "damage",
    [
        *("", "{", "[]", '{"key": "image"}', '{"key": "image", "keys": {}, "values": {}}'),
        '{"key": "image", "keys": [], "values": {"outside": 0, "seconds": 0, "memory_mb": 0}}',
    ],
)
def test_damaged_records_are_no_results(tmp_path, folder, damage):
    (record,) = tmp_path.glob("records/*/*.json")
    record.write_text(damage)
    assert folder.load("a+b", "scene", KEYS) is None


@pytest.mark.parametrize("value", ["good", [1], {}])
def test_values_that_are_no_numbers_are_no_results(folder, value):
    folder.store("a+b", "scene", KEYS, VALUES | {"vif": value})
    assert folder.load("a+b", "scene", KEYS) is None


def test_a_lost_or_damaged_image_is_made_again(folder):
    folder.image("a+b", "scene").write_bytes(b"no image")
    assert folder.load("a+b", "scene", KEYS) is None
    folder.image("a+b", "scene").unlink()
    assert folder.load("a+b", "scene", KEYS) is None


def test_csv_has_a_row_for_every_method_and_scene(tmp_path):
    write_scores(tmp_path / "new" / "scores.csv", {("m,1", "s"): VALUES})
    with (tmp_path / "new" / "scores.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert list(row)[:3] == ["method", "scene", "mef_ssim"]
    assert row["method"] == "m,1"
    assert row["memory_mb"] == ""
    assert float(row["vif"]) == pytest.approx(VALUES["vif"], rel=1e-5)


def test_published_scores_of_these_scenes(tmp_path):
    file = tmp_path / "published.csv"
    file.write_text("scene,Best,GAN\na,0.9,\nb,0.8,0.7\nother,0.1,0.1\n")
    assert read_published(file, ["a", "b"]) == {"Best": {"a": 0.9, "b": 0.8}, "GAN": {"b": 0.7}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scene,Best\na,high\n", "Expected a CSV file of scores.*could not convert"),
        ("scene,Best\nother,0.9\n", "Expected scenes of this evaluation"),
        ("", "Expected scenes of this evaluation"),
        ("scene,Best\na\n", "Expected scenes of this evaluation"),
    ],
)
def test_bad_published_files_are_named(tmp_path, text, message):
    file = tmp_path / "published.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_published(file, ["a"])
    assert str(file) in str(error.value)


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "records").write_text("a file in the way")
    folder = ResultFolder(tmp_path, ["m"], ["s"])
    with pytest.raises(InputError, match="Expected a writable place"):
        folder.store("m", "s", KEYS, VALUES)
