"""Lightning modules: one that scores a fusion, and one that also trains it. Everything arrives built."""

from typing import Any

import lightning as L
import torch
from lightning.pytorch.utilities.types import LRSchedulerTypeUnion, OptimizerLRScheduler
from torch import Tensor, nn

from hdr_lightning.blending import clip
from hdr_lightning.data.patches import Batch
from hdr_lightning.fusion import Fused, Fusion
from hdr_lightning.fusion.tiling import fuse_in_tiles
from hdr_lightning.metrics import MEFSSIM
from hdr_lightning.networks.checkpoints import RECIPE
from hdr_lightning.training.optimization import MakeOptimizer, Schedule


class ScoreModule(L.LightningModule):
    """Score a fusion by official MEF-SSIM on whole scenes.

    Args:
        fusion: What turns exposures into an image.

    Attributes:
        scores: MEF-SSIM of each scene of the last validation or test, by its name.
    """

    def __init__(self, fusion: Fusion) -> None:
        super().__init__()
        self.fusion = fusion
        self.mef_ssim = MEFSSIM()
        self.scores: dict[str, float] = {}

    def forward(self, exposures: Tensor) -> Fused:
        """Fuse exposures (B, K, 3, H, W) in [0, 1], sorted dark to bright."""
        return self.fusion(exposures)

    def validation_step(self, batch: Batch) -> Fused:  # type: ignore[override]
        """Fuse a whole scene and score it."""
        with torch.compiler.set_stance("force_eager"):  # every scene has a size of its own
            fused = fuse_in_tiles(self.fusion, batch.exposures)
        self.mef_ssim.update(fused.image, batch.exposures, batch.names)
        return fused

    test_step = validation_step  # type: ignore[assignment]

    def on_validation_epoch_end(self) -> None:
        """Log the mean over the scenes, and keep the score of each."""
        self._log_scores("val/mef_ssim")

    def on_test_epoch_end(self) -> None:
        """Keep the score of each scene; who lets several fusions be tested logs them by their names."""
        self._log_scores("test/mef_ssim", logger=False)

    def _log_scores(self, name: str, logger: bool | None = None) -> None:
        self.scores = self.mef_ssim.per_scene()
        # The mean is the same on every rank already: the metric gathers before it computes.
        mean = self.mef_ssim.compute().float()
        self.log(name, mean, prog_bar=True, logger=logger, rank_zero_only=False, sync_dist=False)
        self.mef_ssim.reset()


class FusionModule(ScoreModule):
    """Train a fusion without ground truth (section 3), scored by MEF-SSIM on whole scenes.

    Args:
        fusion: What turns exposures into an image; its parameters are trained.
        loss: Maps blended image, unclipped, and exposures to named terms, of which `loss` is minimised;
            where its `needs_reference` is true, the reference comes as a third argument, and where its
            `needs_bracket` is, all exposures of the bracket; where its `needs_weights` is, the weights that
            made the image come by that name.
        optimizer: Makes the optimizer of the parameters.
        schedule: Of the learning rate; None keeps it.
        recipe: Plain data that rebuilds the fusion, kept in every checkpoint.
    """

    def __init__(
        self,
        fusion: Fusion,
        loss: nn.Module,
        optimizer: MakeOptimizer,
        schedule: Schedule | None,
        recipe: dict[str, Any],
    ) -> None:
        super().__init__(fusion)
        self.loss = loss
        self._optimizer = optimizer
        self._schedule = schedule
        self._recipe = recipe
        self._in_time = False  # for the checkpoint of the epoch
        self.lr: float | None = None  # what Lightning's LearningRateFinder finds and sets in the optimizer

    def training_step(self, batch: Batch) -> dict[str, Any]:
        """One step on this rank's share of a batch of patches.

        Returns:
            "loss", scaled so that its mean over the ranks is the mean over all patches of the step, and the
            unscaled "terms" without their gradients.
        """
        blended, terms = self.judge(batch)
        loss = terms["loss"] * (len(batch.names) * self.trainer.world_size / batch.total)
        self.log("train/loss_step", loss, prog_bar=True, on_step=True, on_epoch=False, sync_dist=True)
        terms |= {"clipped": clip(blended)[1].mean()}
        return {"loss": loss, "terms": {name: value.detach() for name, value in terms.items()}}

    def judge(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The blended image (B, 3, H, W), unclipped, and what the loss says of it."""
        blended, weights = self.fusion.blend(batch.exposures)
        more = [] if batch.reference is None else [batch.reference]
        if getattr(self.loss, "needs_bracket", False):
            more.append(batch.exposures if batch.bracket is None else batch.bracket)
        named = {"weights": weights} if getattr(self.loss, "needs_weights", False) else {}
        return blended, self.loss(blended, batch.exposures, *more, **named)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The optimizer over all parameters, and its schedule."""
        optimizer = self._optimizer(self.fusion)
        if self._schedule is None:
            return {"optimizer": optimizer}
        return {"optimizer": optimizer, "lr_scheduler": self._schedule.of(optimizer)}

    def on_train_epoch_end(self) -> None:
        """Let a schedule that looks at a score take its step before the epoch's checkpoint is written.

        Lightning lets it afterwards, so that a run which goes on from this checkpoint would never take it.
        """
        if self.trainer.is_last_batch:
            self._in_time = True
            self.trainer.fit_loop.epoch_loop.update_lr_schedulers("epoch", update_plateau_schedulers=True)
            self._in_time = False

    def lr_scheduler_step(self, scheduler: LRSchedulerTypeUnion, metric: Any | None) -> None:
        """Take the step of a schedule, one that looks at a score only in time."""
        if metric is None or self._in_time:
            super().lr_scheduler_step(scheduler, metric)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what rebuilds the network beside its weights."""
        checkpoint[RECIPE] = self._recipe
