"""What a run leaves behind besides its weights: its history, pictures and a table of its scenes."""

import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from hdr_lightning.data.patches import Batch
from hdr_lightning.files import file_names, write_csv
from hdr_lightning.fusion import Fused
from hdr_lightning.runs.folder import TEST_IMAGES, epoch_images
from hdr_lightning.training.loggers import log_images, log_table
from hdr_lightning.training.module import FusionModule, ScoreModule
from hdr_lightning.training.panels import scene_panel, write_scene


class Means(L.Callback):
    """Log the terms of the loss each epoch: means over its patches on all ranks, interrupted or not."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._patches = 0
        self._pending: list[tuple[dict[str, Tensor], int, int]] = []
        self._step = 0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:  # noqa: D102
        self._step = trainer.global_step

    def on_train_batch_end(  # noqa: D102
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        self._pending.append((outputs["terms"], len(batch.names), batch.total))
        if self._step != trainer.global_step:
            self._step = trainer.global_step
            self._count()

    def _count(self) -> None:
        """Count the batches of a step; a run that goes on from before it has them again."""
        for terms, own, total in self._pending:
            for name, value in terms.items():
                self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value * own
            self._patches += total
        self._pending = []

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Log the epoch's means and forget them."""
        self._count()
        for name, value in self._gathered(trainer).items():
            key = "train/loss_epoch" if name == "loss" else f"train/{name}"
            pl_module.log(key, value / self._patches, prog_bar=name == "loss", rank_zero_only=False)
        self._sums, self._patches = {}, 0

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: Any) -> None:
        """Keep the sums so far; every rank takes part."""
        sums = {name: value.item() for name, value in self._gathered(trainer).items()}
        checkpoint["means"] = {"sums": sums, "patches": self._patches}

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: Any) -> None:
        """Continue from them; they are counted on one rank."""
        means = checkpoint.get("means", {"sums": {}, "patches": 0})
        counts = float(trainer.is_global_zero)
        self._sums = {name: torch.tensor(value * counts) for name, value in means["sums"].items()}
        self._patches = means["patches"]

    def _gathered(self, trainer: L.Trainer) -> dict[str, Tensor]:
        if not self._sums:
            return {}
        sums = torch.stack([value.float() for value in self._sums.values()])
        return dict(zip(self._sums, trainer.strategy.reduce(sums, reduce_op="sum").unbind(), strict=True))


class History(L.Callback):
    """Write one row an epoch to a CSV file, whatever logger is on; a resumed run continues its own rows.

    Args:
        file: The CSV file, written anew each epoch.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.rows: list[dict[str, float]] = []
        self._start: float | None = None
        self._before = 0.0  # seconds trained before this start, also in an epoch that was interrupted
        self._lr = 0.0
        self._validated = False

    @property
    def seconds(self) -> float:
        """Time spent training, over all starts of the run."""
        return self.rows[-1]["seconds"] if self.rows else 0.0

    def state_dict(self) -> dict[str, Any]:
        """The rows so far, and the time."""
        return {"rows": self.rows, "seconds": self._trained()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from the rows of a checkpoint."""
        self.rows = list(state_dict["rows"])
        self._before = state_dict.get("seconds", self.seconds)

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clock, or let it go on where the run continues."""
        self._start = time.monotonic() - self._before

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Note that the epoch has no score yet."""
        self._validated = False

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Note the learning rate of the epoch, of groups the largest, before the scheduler changes it."""
        self._lr = max(group["lr"] for group in trainer.optimizers[0].param_groups)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Note that the epoch has a score."""
        self._validated = True

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Add the epoch's row."""
        row = {
            "epoch": trainer.current_epoch,
            "step": trainer.global_step,
            "seconds": round(self._trained(), 1),
            "lr": self._lr,
        }
        row |= {
            name.removesuffix("_epoch"): round(value.item(), 6)
            for name, value in trainer.callback_metrics.items()
            if not name.endswith("_step")
            and not name.startswith("lr-")  # listed already
            and (self._validated or not name.startswith("val/"))  # else of an earlier epoch
        }
        self.rows.append(row)
        self._write()

    def _trained(self) -> float:
        """Seconds trained so far; the clock does not run yet where a learning rate is looked for."""
        return self._before if self._start is None else time.monotonic() - self._start

    @rank_zero_only
    def _write(self) -> None:
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        write_csv(self.file, columns, [[row.get(name, "") for name in columns] for row in self.rows])


class Pictures(L.Callback):
    """Show the same few scenes after each epoch, and write out the fused test scenes at the end.

    Args:
        run_dir: The folder of the run; the PNG files go below it.
        count: How many scenes, in the order of the data set.
    """

    def __init__(self, run_dir: Path, count: int) -> None:
        self.run_dir = run_dir
        self.count = count

    @rank_zero_only
    def on_validation_batch_end(  # noqa: D102
        self,
        trainer: L.Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if batch_idx < self.count and not trainer.sanity_checking:
            folder = self.run_dir / epoch_images(trainer.current_epoch)
            names = file_names(scene.name for scene in trainer.datamodule.val_scenes)  # type: ignore[attr-defined]
            gamma = _gamma_maps(pl_module, batch)
            self._panel(trainer, outputs, batch, gamma, folder / names[batch.names[0]])

    @rank_zero_only
    def on_test_batch_end(  # noqa: D102
        self,
        trainer: L.Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if batch_idx < self.count and isinstance(pl_module, FusionModule):
            names = file_names(scene.name for scene in trainer.datamodule.test_scenes)  # type: ignore[attr-defined]
            scene = self.run_dir / TEST_IMAGES / names[batch.names[0]]
            gamma = _gamma_maps(pl_module, batch)
            self._panel(trainer, outputs, batch, gamma, scene)
            write_scene(scene, batch.exposures[0], outputs.weights[0], outputs.image[0], gamma)

    def _panel(
        self, trainer: L.Trainer, fused: Fused, batch: Batch, gamma: Tensor | None, scene: Path
    ) -> None:
        scene.parent.mkdir(parents=True, exist_ok=True)
        file = scene.with_name(f"{scene.name}.png")
        scene_panel(batch.exposures[0], fused.weights[0], fused.image[0], gamma).save(file)
        kind = "test" if trainer.testing else "val"
        log_images(trainer.loggers, f"{kind}_panels/{file.stem}", [file], trainer.global_step)


def _gamma_maps(module: FusionModule, batch: Batch) -> Tensor | None:
    """What the loss trusts in the first scene of a batch, (K, 1 or 3, H, W), if the loss can tell."""
    if not hasattr(module.loss, "gamma_maps"):
        return None
    with torch.no_grad():
        maps: Tensor = module.loss.gamma_maps(batch.exposures)[0]  # type: ignore[operator]
    return maps


class SceneTable(L.Callback):
    """Log the score of every validation scene as a table, and keep that of the last validation as a file.

    Args:
        file: The CSV file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:  # noqa: D102
        if isinstance(pl_module, ScoreModule) and not trainer.sanity_checking:
            rows = [[trainer.current_epoch, scene, score] for scene, score in pl_module.scores.items()]
            self._keep(trainer, ["epoch", "scene", "mef_ssim"], rows)

    @rank_zero_only
    def _keep(self, trainer: L.Trainer, columns: list[str], rows: list[list[Any]]) -> None:
        write_csv(self.file, columns, rows)
        log_table(trainer.loggers, "val/scenes", columns, rows)
