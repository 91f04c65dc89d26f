"""The distance to a reference as a loss, for scenes of which somebody has said what they should look like."""

from torch import Tensor, nn

from hdr_lightning.errors import InputError
from hdr_lightning.metrics.checks import UNCLIPPED_SLACK, check_scale
from hdr_lightning.metrics.reference import ssim


class SupervisedLoss(nn.Module):
    """Mean absolute difference from the reference, plus one minus the SSIM to it (Zhao et al. 2017).

    L1 holds brightness and colour, SSIM the contrast of details. A reference that people chose among the
    results of other methods teaches their taste, and their limits.

    Source: Zhao, Gallo, Frosio, Kautz, "Loss functions for image restoration with neural networks", TCI 2017.

    Args:
        structure: Weight of 1 - SSIM beside the mean absolute difference.

    Raises:
        InputError: The weight is negative.

    Examples:
        >>> exposures, wanted = torch.rand(1, 2, 3, 32, 32), torch.rand(1, 3, 32, 32)
        >>> round(SupervisedLoss()(wanted, exposures, wanted)["loss"].item(), 3)
        0.0
    """

    needs_reference = True

    def __init__(self, structure: float = 0.2) -> None:
        super().__init__()
        if structure < 0:
            raise InputError(f"Expected loss.structure of at least 0. Got {structure}")
        self.structure = structure

    def forward(self, fused: Tensor, exposures: Tensor, reference: Tensor) -> dict[str, Tensor]:
        """Terms of the loss, averaged over the batch.

        Args:
            fused: (B, 3, H, W), unclipped: L1 draws back what lies outside [0, 1], SSIM sees it clipped.
            exposures: (B, K, 3, H, W), not looked at.
            reference: (B, 3, H, W) in [0, 1]. Sides of at least 11 pixels.

        Returns:
            "loss", the one to minimise, and without a gradient "l1" and "ssim".

        Raises:
            InputError: The shapes do not fit, or values lie far outside [0, 1].
        """
        check_scale("a fused image", fused, UNCLIPPED_SLACK)
        alike = ssim(fused.clamp(0, 1), reference).mean()
        apart = (fused - reference).abs().mean()
        loss = apart + self.structure * (1 - alike)
        return {"loss": loss, "l1": apart.detach(), "ssim": alike.detach()}
