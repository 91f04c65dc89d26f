import csv

import pytest

from hdr_lightning.evaluation.results import COLUMNS
from hdr_lightning.evaluation.tables import methods_table, write_tables


def values(score: float, **others: float | None) -> dict[str, float | None]:
    return dict.fromkeys(COLUMNS) | {"mef_ssim": score} | others


RESULTS = {
    ("a", "s"): values(0.5, clipped=0.25, chroma_kept=0.75, brightness=0.5, seconds=1.0),
    ("a", "t"): values(0.75, clipped=0.5, chroma_kept=0.75, brightness=0.5, seconds=2.0),
    ("b", "s"): values(0.75, clipped=0.5, chroma_kept=1.5, brightness=0.25),
    ("b", "t"): values(1.0, clipped=0.5, chroma_kept=1.5, brightness=0.25),
}


def test_methods_by_their_means_the_best_of_each_score_marked() -> None:
    table = methods_table(RESULTS, {"paper": {"s": 0.9}})
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert [row["method"] for row in rows] == ["b", "a", "paper (published)"]  # which has one scene
    assert [row["scenes"].mean for row in rows] == [2, 2, 1]
    assert [row["MEF-SSIM"].mean for row in rows] == pytest.approx([0.875, 0.625, 0.9])
    assert [row["MEF-SSIM"].best for row in rows] == [True, False, False]
    assert "VIF" not in table.header and rows[2]["Clipped pixels"] == ""
    b, a, _ = rows
    assert (a["Clipped pixels"].mean, a["Clipped pixels"].best) == (0.375, True)  # lower is better
    assert (a["Chroma kept"].best, b["Chroma kept"].best) == (True, False)  # nearer to 1
    assert not a["Mean brightness"].best and not b["Mean brightness"].best  # neither
    assert (a["seconds"].mean, b["seconds"]) == (1.5, "")


def test_tables_are_written_in_every_form_that_is_asked_for(tmp_path) -> None:
    files = write_tables(tmp_path, RESULTS, {"paper": {"s": 0.9, "u": 0.1}}, ["latex", "csv"])
    assert [file.name for file in files] == ["methods.tex", "scenes.tex", "methods.csv", "scenes.csv"]
    with (tmp_path / "scenes.csv").open(newline="", encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [
            ["scene", "a", "b", "paper (published)"],
            ["s", "0.5", "0.75", "0.9"],
            ["t", "0.75", "1", ""],
            ["Average of the 1 that all have", "0.5", "0.75", "0.9"],
        ]
    assert (tmp_path / "methods.tex").read_text(encoding="utf-8").startswith(r"\begin{tabular}{lrr")
    assert write_tables(tmp_path, RESULTS, {}, []) == []
