from pathlib import Path

import pytest
import yaml

from hdr_lightning.commands.compare import main
from hdr_lightning.evaluation.report import write_report


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for gamma in ("var", "grad"):
        folder = tmp_path / "runs" / gamma
        folder.mkdir(parents=True)
        (folder / "run.yaml").write_text("state: finished\n")
        (folder / "config.yaml").write_text(yaml.safe_dump({"seed": 0, "loss": {"gamma": gamma}}))
        (folder / "scores.csv").write_text("method,scene,mef_ssim\ntrained,a,0.5\n")
    return tmp_path / "runs"


def test_page_lies_in_the_folder_of_the_sweep(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(runs)])
    assert (runs / "comparison.html").is_file()
    assert f"{runs}/comparison.html" in capsys.readouterr().out


def test_tables_are_printed_and_nothing_is_written(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(runs), "--csv", "--table", "scenes"])
    assert capsys.readouterr().out == "scene,grad,var\na,0.5,0.5\nAverage,0.5,0.5\n"
    main([str(runs), "--markdown"])
    assert capsys.readouterr().out.startswith("| loss.gamma | runs |")
    assert not list(runs.glob("*.html"))


def test_table_is_written_where_asked(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(runs), "--latex", "-o", str(tmp_path / "new" / "table.tex")])
    assert capsys.readouterr().out == ""
    assert (tmp_path / "new" / "table.tex").read_text().startswith(r"\begin{tabular}")


def test_table_that_nobody_can_fill_or_see_is_refused(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for scores in runs.glob("*/scores.csv"):
        scores.unlink()
    with pytest.raises(SystemExit, match=r"--table scenes: Expected runs that were tested"):
        main([str(runs), "--markdown", "--table", "scenes"])
    with pytest.raises(SystemExit):
        main([str(runs), "--table", "scenes"])
    assert "--table: Expected --markdown, --csv or --latex" in capsys.readouterr().err


def test_bad_input_ends_in_one_line(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: Expected a run or a folder of runs. Got .*nowhere"):
        main([str(tmp_path / "nowhere")])
    (runs / "var" / "config.yaml").write_text("[")
    with pytest.raises(SystemExit, match=r"Expected runs that can be read. Left out:\n  var/config.yaml: "):
        main([str(runs), "--csv"])


def test_same_seed_counts_once_and_is_told(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs / "var_again").mkdir()
    for file in (runs / "var").iterdir():
        (runs / "var_again" / file.name).write_text(file.read_text().replace("0.5", "0.9"))
    main([str(runs), "--csv"])
    shown = capsys.readouterr()
    assert [line.split(",")[:2] for line in shown.out.splitlines()] == [
        ["loss.gamma", "runs"],
        ["grad", "1"],
        ["var", "1"],
    ]
    assert "std" not in shown.out
    assert shown.err == "note: var has the settings and the seed of var_again, which counts instead\n"


def test_evaluations_are_shown_and_no_table_is_made_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mefb", "sice"):
        (tmp_path / name).mkdir()
        write_report(tmp_path / name / "report.html", {}, {}, {}, [])
    folders = [str(tmp_path / "mefb"), str(tmp_path / "sice")]
    main([*folders, "-o", str(tmp_path / "both.html")])
    assert (tmp_path / "both.html").is_file()
    assert f"{tmp_path}/both.html" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"error: --csv: Expected runs. Got evaluations"):
        main([*folders, "--csv"])
    assert not (tmp_path / "comparison.html").exists()
