from pathlib import Path

import pytest
import yaml

from hdr_lightning.commands.compare import main


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


def test_bad_input_ends_in_one_line(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: Expected a run or a folder of runs. Got .*nowhere"):
        main([str(tmp_path / "nowhere")])
    (runs / "var" / "config.yaml").write_text("[")
    with pytest.raises(SystemExit, match=r"error: Expected runs that can be read. Left out:\n  var: "):
        main([str(runs), "--csv"])
