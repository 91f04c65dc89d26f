from pathlib import Path

import pytest

from hdr_lightning.commands.figures import main


def test_figure_of_any_scene_by_one_command(
    brackets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HDR_LIGHTNING_CACHE", str(tmp_path / "cache"))
    place = ["--data", "folder", "--root", str(brackets), "--scene", "scene_2"]
    for figure in ("weights", "gammas"):
        main([figure, *place, "-o", str(tmp_path / figure)])
        assert capsys.readouterr().out.split() == [
            *(f"{tmp_path}/{figure}.png", "scene_2"),
            *(f"{tmp_path}/{figure}.pdf", "scene_2"),
        ]
        assert (tmp_path / f"{figure}.png").is_file() and (tmp_path / f"{figure}.pdf").is_file()


def test_bad_input_ends_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="error: Expected an existing folder"):
        main(["gammas", "--data", "folder", "--root", str(tmp_path / "nowhere")])
