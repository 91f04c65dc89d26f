"""A sheet of brackets that were fused before shows what the sheet of then showed, or their files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.batch import run
from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.options import parse
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.brackets.sheet import Entry, write_sheet
from hdr_lightning.brackets.shown_before import entry_of_files, shown_before
from hdr_lightning.errors import InputError
from hdr_lightning.pages.page import data_of

WORDS = ["in", "-o", "out", "--method", "average", "--align", "never", "--sheet", "sheet.html"]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    light = np.random.default_rng(0).random((20, 30, 3))
    for name, bright in (("a", 510), ("b", 250), ("c", 250)):
        Path("in", name).mkdir(parents=True)
        for number, gain in ((1, bright), (2, 90)):
            pixels = (gain * light).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(f"in/{name}/{number}.png")
    return tmp_path


def brackets() -> dict[str, dict[str, Any]]:
    found = data_of(Path("sheet.html").read_text(encoding="utf-8"))["brackets"]
    return {bracket["name"]: bracket for bracket in found}


def test_second_run_keeps_what_was_measured(folders: Path) -> None:
    assert run(parse([*WORDS, "--blend", "multiband"]))
    first = brackets()
    Path("out/b.png").unlink()
    assert run(parse(WORDS))
    second = brackets()
    assert [*second] == ["a", "b", "c"] and "weighted_sum" in second["b"]["facts"]
    for name in ("a", "c"):
        assert second[name] == first[name] and len(second[name]["pictures"]) == 3
    assert run(parse(WORDS))  # nothing is left to do
    assert brackets() == second


def test_second_run_keeps_a_page_that_is_no_sheet(folders: Path) -> None:
    assert run(parse([*WORDS[:-1], "other.html"]))
    Path("out/b.png").unlink()
    Path("sheet.html").write_text("<p>my page</p>")
    with pytest.raises(InputError, match=r"sheet\.html, which exists"):
        run(parse(WORDS))
    assert Path("sheet.html").read_text() == "<p>my page</p>" and not Path("out/b.png").exists()
    assert run(parse([*WORDS, "--force"]))
    assert [*brackets()] == ["a", "b", "c"]


def test_files_are_shown_where_there_was_no_sheet(folders: Path) -> None:
    run(parse(WORDS))
    Path("sheet.html").unlink()
    Path("out/c.png").unlink()
    assert run(parse(WORDS))
    found = brackets()
    assert found["a"]["facts"] == "fused before" and found["c"]["facts"] != "fused before"
    assert [*found["a"]["pictures"]] == ["result", "2.png", "1.png"]  # dark to bright
    Path("in/a/2.png").write_bytes(b"")
    job = Job(Bracket("a", (Path("in/a/1.png"), Path("in/a/2.png"))), Path("out/gone.png"), ".png", None)
    assert [*entry_of_files(job, 1e4).pictures] == ["1.png"]


def test_flags_by_the_number_of_exposures_are_those_of_now(tmp_path: Path) -> None:
    jobs = [Job(Bracket(str(k), (Path("a.jpg"),) * k), Path(f"{k}.png"), ".png", None) for k in (1, 2)]
    entries = {place: Entry("facts", ["3.0 % clipped"], ["note"], {"result": "data:"}) for place in (0, 1)}
    write_sheet(tmp_path / "sheet.html", jobs, entries, {})
    assert shown_before(tmp_path / "sheet.html") == {"1.png": entries[0], "2.png": entries[1]}


@pytest.mark.parametrize("text", ["", "no page", '<script type="application/json" id="data">[1]</script>'])
def test_what_is_no_sheet_shows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "sheet.html").write_text(text)
    assert shown_before(tmp_path / "sheet.html") == {}
    assert shown_before(tmp_path) == {}
