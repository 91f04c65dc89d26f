from pathlib import Path

import pytest

from hdr_lightning.commands.dashboard import main


def test_help_names_the_folder_and_the_port(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "hdr-dashboard [FOLDER]" in shown and "--port" in shown and "--no-browser" in shown


def test_folder_without_runs_ends_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"\Aerror: Expected offline W&B runs [^\n]*\Z"):
        main([str(tmp_path)])
