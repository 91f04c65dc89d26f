"""What a run tells the person at the terminal: at its start what it is about, at its end what came of it."""

from pathlib import Path
from statistics import mean
from typing import Any

from lightning.pytorch.utilities import rank_zero_only
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hdr_lightning.data.datamodule import SceneDataModule
from hdr_lightning.networks.checkpoints import read_checkpoint
from hdr_lightning.runs.folder import BEST, CONFIG, HISTORY, SCORES, TEST_IMAGES


@rank_zero_only
def print_start(run_dir: Path, datamodule: SceneDataModule, parameters: int, checkpoint: str | None) -> None:
    """Say what will be trained, on what, where it goes, and from where it goes on."""
    counts = ", ".join(
        f"{len(scenes)} to {purpose}"
        for purpose, scenes in (
            ("train", datamodule.train_scenes),
            ("validate", datamodule.val_scenes),
            ("test", datamodule.test_scenes),
        )
    )
    line = f"Scenes: {counts}. Network: {parameters:,} parameters. Run folder: {run_dir}"
    Console().print(line, highlight=False, soft_wrap=True, markup=False)
    if checkpoint:
        state = read_checkpoint(checkpoint)
        line = f"Continues after {state['global_step']} steps, in epoch {state['epoch']}, from {checkpoint}"
        Console().print(line, highlight=False, soft_wrap=True, markup=False)


@rank_zero_only
def print_finished(run_dir: Path, record: dict[str, Any]) -> None:
    """Say that there is nothing left to do."""
    line = f"Finished before, at commit {record.get('commit', 'unknown')}: {run_dir}"
    Console().print(line, highlight=False, soft_wrap=True, markup=False)


@rank_zero_only
def print_summary(run_dir: Path, scores: dict[str, dict[str, float]], best: float | None) -> None:
    """Print MEF-SSIM by scene and method, and where everything lies."""
    console = Console()
    if scores:
        console.print("MEF-SSIM of the test scenes (official definition, higher is better)")
        console.print(_table(scores))
    if best is not None:
        console.print(f"Best validation MEF-SSIM: {best:.4f}", highlight=False)
    for name, what in (
        (TEST_IMAGES, "fused images, weight maps, panels"),
        (BEST, "the trained network"),
        (SCORES, "the table above"),
        (HISTORY, "loss and score by epoch"),
        (CONFIG, "every setting"),
        (
            "wandb/latest-run",
            "the W&B run, where it is offline: wandb sync uploads it, wandb leet shows it here",
        ),
    ):
        if (run_dir / name).exists() and (scores or name != SCORES):
            console.print(f"  {run_dir / name}: {what}", highlight=False, soft_wrap=True, markup=False)


def _table(scores: dict[str, dict[str, float]]) -> Table:
    table = Table("scene")
    for method in scores:
        table.add_column(method, justify="right")
    for scene in next(iter(scores.values())):
        table.add_row(escape(scene), *(f"{scenes[scene]:.4f}" for scenes in scores.values()))
    table.add_section()
    table.add_row("mean", *(f"{mean(scenes.values()):.4f}" for scenes in scores.values()))
    return table
