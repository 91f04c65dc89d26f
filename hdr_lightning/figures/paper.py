"""What the figures of arXiv 2510.21815 show, for any scene: rows of panels."""

from collections.abc import Mapping
from itertools import combinations

import torch
from torch import Tensor

from hdr_lightning.figures.drawing import Panel
from hdr_lightning.figures.scene import LoadedScene
from hdr_lightning.fusion import Fusion
from hdr_lightning.fusion.tiling import fuse_in_tiles
from hdr_lightning.gammas import CueGamma
from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.networks.method import resolve

CUES = ("var", "grad", "wellexp")
GAMMAS = [*((cue,) for cue in CUES), *combinations(CUES, 2)]
"""The cues of eq. 4 to 7, alone and in pairs."""
COLUMNS = 3


def adaptive_weights(scene: LoadedScene, blending: str) -> list[list[Panel]]:
    """Fig. 1: the exposures, and fused with both adaptive weights (section 2.4), the first, and the second.

    Raises:
        InputError: An unknown blending.
    """
    captions = {"adaptive": "both weights", "adaptive:first": "weight 1", "adaptive:second": "weight 2"}
    fusions = {caption: resolve(f"{method}+{blending}") for method, caption in captions.items()}
    return [_exposures(scene), _fused(scene, fusions)]


def gamma_maps(scene: LoadedScene) -> list[list[Panel]]:
    """Fig. 4: every kind of gamma under the largest window of the loss; a row for each exposure."""
    maps = {
        "_".join(cues): WeightedSSIMLoss(CueGamma(cues)).gamma_maps(scene.exposures[None])[0]
        for cues in GAMMAS
    }
    return [
        [exposure, *(Panel(name, gamma[k].mean(0, keepdim=True)) for name, gamma in maps.items())]
        for k, exposure in enumerate(_exposures(scene))
    ]


def fused_by(scene: LoadedScene, fusions: Mapping[str, Fusion]) -> list[list[Panel]]:
    """Fig. 5: the exposures, then the fused image of every network, by what to call it."""
    panels = _fused(scene, fusions)
    return [_exposures(scene), *(panels[start : start + COLUMNS] for start in range(0, len(panels), COLUMNS))]


def _exposures(scene: LoadedScene) -> list[Panel]:
    return [Panel(name, image) for name, image in zip(scene.captions, scene.exposures, strict=True)]


def _fused(scene: LoadedScene, fusions: Mapping[str, Fusion]) -> list[Panel]:
    """Fused images with their MEF-SSIM."""
    panels = []
    exposures = scene.exposures[None]
    for name, fusion in fusions.items():
        with torch.inference_mode():
            image: Tensor = fuse_in_tiles(fusion, exposures).image
            panels.append(Panel(f"{name}, MEF-SSIM {mef_ssim(image, exposures).item():.4f}", image[0]))
    return panels
