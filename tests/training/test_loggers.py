import sys
from pathlib import Path

import pytest
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.training.loggers import (
    finish,
    log_images,
    log_table,
    mlflow_logger,
    summarize,
    wandb_logger,
)


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in, and no mode is set."""
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def mode(folder: Path) -> str:
    return wandb_logger("project", str(folder))._wandb_init["mode"]


def test_offline_without_a_login(tmp_path: Path) -> None:
    assert mode(tmp_path) == "offline"


@pytest.mark.parametrize("entry", ["machine api.wandb.ai login user password " + "x" * 40])
def test_online_for_those_who_are_logged_in(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(entry)
    (tmp_path / "netrc").chmod(0o600)
    assert mode(tmp_path) == "online"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org/")
    assert mode(tmp_path) == "offline"
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    assert mode(tmp_path) == "online"


def test_mode_variable_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert mode(tmp_path) == "disabled"


def test_runs_are_named_and_grouped_by_their_folders(tmp_path: Path) -> None:
    first, second = (wandb_logger("project", str(tmp_path / "sweep" / name)) for name in ("a", "b"))
    assert (first._wandb_init["name"], first._wandb_init["group"]) == ("a", "sweep")
    assert first._wandb_init["id"] != second._wandb_init["id"]
    assert wandb_logger("project", str(tmp_path / "sweep" / "a"))._wandb_init["id"] == first._wandb_init["id"]


def test_jobs_of_a_sweep_share_its_wandb_folder(tmp_path: Path) -> None:
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "sweep.yaml").touch()
    jobs = [wandb_logger("project", str(tmp_path / "sweep" / name)) for name in ("a", "b")]
    assert {job._wandb_init["dir"] for job in jobs} == {str(tmp_path / "sweep")}
    assert len({job._wandb_init["id"] for job in jobs}) == 2


def test_mlflow_keeps_numbers_pictures_and_tables_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    folder = tmp_path / "runs" / "a"
    folder.mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "scene.png")
    uri = f"file:{tmp_path / 'mlruns'}"
    logger = mlflow_logger("experiment", str(folder), uri=uri)
    logger.log_metrics({"val/mef_ssim": 0.5}, 3)
    log_images([logger], "val_panels/scene", [folder / "scene.png"], 3)
    log_table([logger], "val/scenes", ["scene", "mef_ssim"], [["a", 0.5]])
    summarize([logger], {"parameters": 7})
    finish([logger], failed=False)
    again = mlflow_logger("experiment", str(folder), uri=uri)
    assert again.run_id == logger.run_id
    run = again.experiment.get_run(again.run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "a")
    assert run.data.metrics == {"val/mef_ssim": 0.5} and run.data.tags["parameters"] == "7"
    kept = [file.name for file in (tmp_path / "runs" / "mlartifacts").rglob("*.*")]
    assert "scenes.csv" in kept and any(name.endswith(".png") for name in kept)
    csv = next((tmp_path / "runs" / "mlartifacts").rglob("scenes.csv"))
    assert csv.read_text().split() == ["scene,mef_ssim", "a,0.5"]


def test_small_mlflow_says_that_it_has_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(InputError, match=r"hdr-lightning\[mlflow\].*sqlite:.*mlflow\.db"):
        mlflow_logger("experiment", str(tmp_path / "runs" / "a"))
