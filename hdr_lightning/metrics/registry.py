"""Every score by name: what it is, which way is better, and how to compute it."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Literal, NamedTuple

from torch import Tensor

from hdr_lightning.metrics import statistics
from hdr_lightning.metrics.colourfulness import chroma_kept, colourfulness
from hdr_lightning.metrics.mef_ssim import mef_ssim
from hdr_lightning.metrics.mef_ssim_c import mef_ssim_c
from hdr_lightning.metrics.mef_ssim_d import mef_ssim_d
from hdr_lightning.metrics.per_scene import PerSceneMetric
from hdr_lightning.metrics.q_abf import q_abf
from hdr_lightning.metrics.reference import (
    brightness_difference,
    ciede2000,
    colourfulness_ratio,
    psnr,
    ssim,
)
from hdr_lightning.metrics.vif import vif
from hdr_lightning.parts import Parts

Function = Callable[[Tensor, Tensor], Tensor]
"""Fused images (B, 3, H, W), and exposures (B, K, 3, H, W) or references (B, 3, H, W), to scores (B,)."""
Better = Literal["higher", "lower", "one", "zero", "neither"]
"""The direction in which a score is better: `one` and `zero` are values that it should be near to."""


class ScoreInfo(NamedTuple):
    """A score and what a reader of its numbers has to know."""

    label: str
    """The name to print, variant included."""
    function: Function
    better: Better
    meaning: str
    against: Literal["exposures", "reference"] = "exposures"
    """What the function compares the image with."""


def _alone(function: Callable[[Tensor], Tensor]) -> Function:
    """A score that needs no exposures."""

    @wraps(function)
    def score(fused: Tensor, exposures: Tensor) -> Tensor:
        return function(fused)

    return score


METRICS: Parts[ScoreInfo] = Parts(
    "metrics",
    "a metric",
    {
        "mef_ssim": ScoreInfo(
            "MEF-SSIM (official, Ma 2015)",
            mef_ssim,
            "higher",
            "Local structure kept from the exposures, three scales, gray; blind to brightness and colour.",
        ),
        "mef_ssim_c": ScoreInfo(
            "MEF-SSIMc (MEF-Net 2020, with luminance)",
            mef_ssim_c,
            "higher",
            "Local structure of the strongest exposure and a plausible brightness, in colour; "
            "not comparable with the official MEF-SSIM.",
        ),
        "mef_ssim_d": ScoreInfo(
            "MEF-SSIMd (Fang 2020, for moving scenes)",
            mef_ssim_d,
            "higher",
            "Local structure kept where nothing moves, and that of one exposure where something does: "
            "ghosts cost. One scale, gray; not comparable with the official MEF-SSIM.",
        ),
        "q_abf": ScoreInfo(
            "Q^AB/F (Xydeas 2000)",
            q_abf,
            "higher",
            "Strength and orientation of edges kept from the exposures, gray.",
        ),
        "vif": ScoreInfo(
            "VIF (Sheikh 2006, mean over exposures)",
            vif,
            "higher",
            "Visual information kept from the exposures; above 1 where contrast is amplified.",
        ),
        "entropy": ScoreInfo(
            "Entropy (bits)",
            _alone(statistics.entropy),
            "higher",
            "Spread of the gray levels; noise raises it too.",
        ),
        "spatial_frequency": ScoreInfo(
            "Spatial frequency",
            _alone(statistics.spatial_frequency),
            "higher",
            "Size of the steps between neighbouring pixels; noise and halos raise it too.",
        ),
        "dynamic_range": ScoreInfo(
            "Dynamic range (log10)",
            _alone(statistics.dynamic_range),
            "neither",
            "Eq. 1 of the paper: brightest over darkest gray; two pixels decide it.",
        ),
        "clipped": ScoreInfo(
            "Clipped pixels (fraction)",
            _alone(statistics.clipped),
            "lower",
            "Pixels that are pure black or pure white.",
        ),
        "brightness": ScoreInfo(
            "Mean brightness", _alone(statistics.brightness), "neither", "Mean gray, 0 black to 1 white."
        ),
        "colourfulness": ScoreInfo(
            "Colourfulness (Hasler 2003)",
            _alone(colourfulness),
            "neither",
            "Spread and mean of the opponent colours, 0 gray, 33 moderate, 82 a lot; noise raises it too.",
        ),
        "chroma_kept": ScoreInfo(
            "Chroma kept (CIELAB)",
            chroma_kept,
            "one",
            "Mean chroma over that of the exposures where they are well exposed; below 1 colours have paled.",
        ),
        "psnr": ScoreInfo(
            "PSNR to the reference (dB)",
            psnr,
            "higher",
            "Nearness to the reference, pixel by pixel; brightness decides most of it.",
            "reference",
        ),
        "ssim": ScoreInfo(
            "SSIM to the reference (Wang 2004, RGB)",
            ssim,
            "higher",
            "Local structure shared with the reference.",
            "reference",
        ),
        "ciede2000": ScoreInfo(
            "CIEDE2000 to the reference",
            ciede2000,
            "lower",
            "Mean colour difference from the reference; 1 is just visible.",
            "reference",
        ),
        "colourfulness_ratio": ScoreInfo(
            "Colourfulness, of the reference's",
            colourfulness_ratio,
            "one",
            "Colourfulness over that of the reference; below 1 colours are paler.",
            "reference",
        ),
        "brightness_difference": ScoreInfo(
            "Brightness minus the reference's",
            brightness_difference,
            "zero",
            "Mean gray minus that of the reference; above 0 the image is brighter.",
            "reference",
        ),
    },
)
"""In the order of tables; the first one ranks."""


def scores(
    fused: Tensor, exposures: Tensor, reference: Tensor | None = None, names: Iterable[str] = METRICS
) -> dict[str, float | None]:
    """The scores of one image.

    Args:
        fused: (1, 3, H, W) in [0, 1].
        exposures: (1, K, 3, H, W) in [0, 1].
        reference: (1, 3, H, W) in [0, 1]; None where the scene has none.
        names: Keys of `METRICS`.

    Returns:
        By name; None for what compares with a reference that is not there.

    Examples:
        >>> exposures = torch.rand(1, 2, 3, 64, 64)
        >>> found = scores(exposures.mean(dim=1), exposures, names=["mef_ssim", "psnr"])
        >>> 0 < found["mef_ssim"] <= 1, found["psnr"]  # there is no reference
        (True, None)
    """
    others = {"exposures": exposures, "reference": reference}
    return {
        name: None if (other := others[info.against]) is None else info.function(fused, other).item()
        for name, info in ((name, METRICS[name]) for name in names)
    }


class SceneScore(PerSceneMetric):
    """Any score of `METRICS`, averaged over distinct scenes.

    Args:
        name: Key of `METRICS`.

    Examples:
        >>> metric, exposures = SceneScore("vif"), torch.rand(2, 2, 3, 64, 64)
        >>> metric.update(exposures.mean(dim=1), exposures, ["garden", "street"])
        >>> sorted(metric.per_scene())
        ['garden', 'street']
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    @property
    def higher_is_better(self) -> bool | None:  # type: ignore[override]
        """Which way is better; None where it is neither: the best value may lie in between."""
        return {"higher": True, "lower": False}.get(METRICS[self.name].better)

    def score(self, fused: Tensor, exposures: Tensor) -> Tensor:
        """The score of every image, shape (B,).

        Args:
            fused: (B, 3, H, W) in [0, 1].
            exposures: (B, K, 3, H, W) in [0, 1]; references (B, 3, H, W) where `ScoreInfo.against` says so.
        """
        return METRICS[self.name].function(fused, exposures)
