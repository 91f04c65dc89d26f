"""The command line: what answers at once, and what a run leaves behind."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from hdr_lightning.commands.train import CONF  # and with it the types of the configuration
from hdr_lightning.training.ranks import free_port

TRAIN = str(Path(__file__).parents[2] / "train.py")
Train = Callable[..., subprocess.CompletedProcess[str]]
GAMMAS = ["grad", "grad_wellexp", "var", "var_grad", "var_wellexp", "wellexp"]


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", list(overrides))


@pytest.mark.parametrize("command", ["train", "compare", "figures", "dashboard"])
def test_answers_before_anything_heavy_is_imported(command: str) -> None:
    heavy = "{'torch', 'lightning', 'kornia', 'wandb', 'torchmetrics', 'cv2', 'skimage', 'matplotlib'}"
    met = f"', '.join({heavy} & sys.modules.keys())"
    code = f"import sys, hdr_lightning.commands.{command}; sys.exit({met} or 0)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "command", ["train", "evaluate", "compare", "dashboard", "export", "figures", "fuse"]
)
def test_every_command_is_a_module_to_run(command: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", f"hdr_lightning.commands.{command}", "nonsense=1", "--nonsense"]
    if command in ("train", "evaluate"):
        words.pop()
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode in (1, 2)
    assert "nonsense" in result.stderr


def test_help_shows_groups_values_and_examples(train: Train, tmp_path: Path) -> None:
    shown = train("--help", cwd=tmp_path).stdout
    assert "loss.gamma: " + ", ".join(GAMMAS) in shown
    assert "python train.py loss.gamma=var_grad" in shown
    assert "patch_size:" in shown


@pytest.mark.parametrize("mode", [[], ["-m", "seed=1,2"]])
def test_folder_that_cannot_be_written_ends_in_one_line(
    train: Train, mode: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    result = train(*mode, "run_dir=file/run", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "error: run_dir=file/run: Expected a folder to write in. Got: Not a directory\n"


@pytest.mark.slow
def test_wrong_value_ends_in_one_line(train: Train, quick: list[str], tmp_path: Path) -> None:
    result = train(*quick, "optimizer.lr=-1", cwd=tmp_path)
    assert result.returncode == 1
    assert (
        result.stderr
        == "error: optimizer: Expected settings that it accepts. Got: Invalid learning rate: -1.0\n"
    )


@pytest.mark.parametrize("gamma", GAMMAS)
def test_gamma_is_a_group_inside_the_loss(gamma: str) -> None:
    cfg = composed(f"loss.gamma={gamma}", "loss.gamma.sigma=0.3")
    assert list(cfg.loss.gamma.cues) == gamma.split("_")
    assert cfg.loss.gamma.sigma == 0.3


def test_another_loss_leaves_no_gamma_behind() -> None:
    assert "gamma" not in composed("loss=mef_ssim").loss


def test_paper_experiment_is_section_4_1() -> None:
    cfg = composed("experiment=paper")
    assert cfg.data.layout == "sice"
    assert (cfg.data.patch_size, cfg.data.patches.name, cfg.data.augment) == (250, "grid", False)
    assert (cfg.data.batch_size, cfg.model.width) == (64, 1.0)
    assert (cfg.optimizer._target_, cfg.optimizer.lr) == ("torch.optim.Adam", 1e-4)
    assert (cfg.scheduler._target_.split(".")[-1], cfg.scheduler.gamma) == ("ExponentialLR", 0.99)
    assert (list(cfg.loss.windows), cfg.loss.sigma) == ([11, 9, 7, 5, 3], 1.5)
    assert (list(cfg.loss.gamma.cues), cfg.loss.gamma.normalize) == (["var", "grad"], False)


def test_paper_with_normalised_cues_is_a_word_of_its_own() -> None:
    paper, normalized = (composed(f"experiment={name}") for name in ("paper", "paper_normalized"))
    assert normalized.loss.gamma.normalize
    normalized.loss.gamma.normalize = False
    assert normalized == paper


@pytest.mark.slow
def test_command_trains_tests_and_says_where_everything_lies(
    train: Train, quick: list[str], tmp_path: Path
) -> None:
    result = train(*quick, "run_dir=out/first", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    run_dir = tmp_path / "out" / "first"
    for name in ("scores.csv", "checkpoints/best.ckpt", "images/test", "history.csv", "config.yaml"):
        assert (run_dir / name).exists()
        assert f"out/first/{name}" in result.stdout
    with (run_dir / "scores.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0].keys() == {"method", "scene", "mef_ssim"}
    assert {row["method"] for row in rows} == {"average", "untrained", "trained"}
    assert len(rows) == 3 * len({row["scene"] for row in rows})

    again = train(*quick, "run_dir=out/first", cwd=tmp_path)
    assert again.returncode == 1
    assert again.stderr.strip().splitlines()[-1].startswith("error: run_dir=")
    assert "resume=true" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.slow
def test_torchrun_trains_one_run_on_all_its_nodes(quick: list[str], tmp_path: Path) -> None:
    """Two nodes on this machine, which meet at a port of it."""
    port = free_port()
    shared = ["--nnodes=2", "--nproc-per-node=1", "--master-addr=127.0.0.1", f"--master-port={port}"]
    settings = [*quick, "trainer=ddp_cpu", "trainer.num_nodes=2", "trainer.devices=1", "run_dir=out/run"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *shared]
    nodes = [
        subprocess.Popen(
            [*torchrun, f"--node-rank={node}", TRAIN, *settings], cwd=tmp_path, stdout=subprocess.DEVNULL
        )
        for node in range(2)
    ]
    assert [node.wait(timeout=300) for node in nodes] == [0, 0]
    with (tmp_path / "out" / "run" / "scores.csv").open() as stream:
        scenes = [row["scene"] for row in csv.DictReader(stream) if row["method"] == "trained"]
    assert len(scenes) == len(set(scenes)) == 2
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["run"]


@pytest.mark.slow
def test_multirun_sweeps_every_gamma(train: Train, quick: list[str], tmp_path: Path) -> None:
    result = train(
        "-m", "loss.gamma=glob(*)", *quick, "trainer.fast_dev_run=true", "run_dir=out", cwd=tmp_path
    )
    assert result.returncode == 0, result.stderr
    jobs = {folder.name for folder in (tmp_path / "out").iterdir() if folder.is_dir()}
    assert jobs == {f"loss.gamma={gamma}" for gamma in GAMMAS}
