from pathlib import Path

import pytest

from hdr_lightning.training.summary import print_finished, print_summary


def test_means_of_the_methods_and_the_files_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").touch()
    scores = {"average": {"[red]a": 0.5, "b": 1.0}, "trained": {"[red]a": 0.7, "b": 0.8}}
    print_summary(tmp_path, scores, 0.75)
    shown = capsys.readouterr().out
    (row,) = (line for line in shown.splitlines() if "mean " in line)
    assert row.replace("│", " ").split() == ["mean", "0.7500", "0.7500"]
    assert "[red]a" in shown and "Best validation MEF-SSIM: 0.7500" in shown
    assert f"{tmp_path}/config.yaml: every setting" in shown and "best.ckpt" not in shown


def test_finished_run_names_its_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_finished(tmp_path, {"commit": "0123456789ab"})
    assert capsys.readouterr().out == f"Finished before, at commit 0123456789ab: {tmp_path}\n"
