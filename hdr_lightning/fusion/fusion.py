"""From exposures to one image: a fuser weighs, a blending mixes, the result is clipped to [0, 1]."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor, nn

from hdr_lightning.blending import clip
from hdr_lightning.blending.pyramid import Weights
from hdr_lightning.fusers.base import Fuser

if TYPE_CHECKING:  # it brings OpenCV, which loading a checkpoint need not wait for
    from hdr_lightning.fusion.deghost import Deghost


class Fused(NamedTuple):
    """The fused image, and how it came about."""

    image: Tensor  # (B, 3, H, W) in [0, 1]
    weights: Tensor  # (B, K, 1, H, W), sum to 1 over K; of the finest band where every band has its own
    outside: Tensor  # (B,) fraction of values that were clipped to [0, 1]


class Fusion(nn.Module):
    """A fuser and a blending: the whole way from exposures to image, learned or not.

    Args:
        fuser: Maps exposures (B, K, 3, H, W) to weights (B, K, 1, H, W), or to those of every band.
        blending: Maps exposures and weights to an image (B, 3, H, W).
        deghost: Makes exposures agree first, where things move; None to take them as they are.

    Attributes:
        recipe: Plain data that rebuilds it, see `networks.checkpoints.build_fusion`; None where it was put
            together otherwise.

    Examples:
        >>> import torch
        >>> from hdr_lightning.blending import WeightedSum
        >>> from hdr_lightning.fusers import Average
        >>> exposures = torch.stack([torch.zeros(3, 4, 4), torch.ones(3, 4, 4)])[None]
        >>> Fusion(Average(), WeightedSum())(exposures).image.unique()
        tensor([0.5000])
    """

    recipe: dict[str, Any] | None = None

    def __init__(self, fuser: Fuser, blending: nn.Module, deghost: "Deghost | None" = None) -> None:
        super().__init__()
        self.fuser = fuser
        self.blending = blending
        self.deghost = deghost

    def forward(self, exposures: Tensor) -> Fused:
        """Fuse exposures (B, K, 3, H, W) in [0, 1], sorted dark to bright."""
        return finish(*self.blend(self.agree(exposures)))

    def agree(self, exposures: Tensor) -> Tensor:
        """The exposures without ghosts, see `Deghost`, or as they are where these are not looked for."""
        if self.deghost is None:
            return exposures
        return self.deghost(exposures)

    def blend(self, exposures: Tensor) -> tuple[Tensor, Weights]:
        """The image (B, 3, H, W) before it is clipped, which a loss has to see, and its weights."""
        weights: Weights = self.fuser(exposures)
        return self.blending(exposures, weights), weights

    def save_pretrained(self, folder: str | Path, name: str | None = None) -> None:
        """Write it as a folder for others, see `networks.hub.save_folder`."""
        from hdr_lightning.networks.hub import save_folder

        save_folder(self, Path(folder), name)

    @staticmethod
    def from_pretrained(name: str | Path, revision: str | None = None) -> "Fusion":
        """Load it from a folder or from the Hugging Face Hub, see `networks.hub.load_folder`."""
        from hdr_lightning.networks.hub import load_folder

        return load_folder(name, revision)

    def push_to_hub(self, repository: str, private: bool = False, token: str | None = None) -> str:
        """Upload it to the Hugging Face Hub, see `networks.hub.push`."""
        from hdr_lightning.networks.hub import push

        return push(self, repository, private, token)


def finish(blended: Tensor, weights: Weights) -> Fused:
    """Clip what was blended (B, 3, H, W) and show its weights."""
    image, outside = clip(blended)
    if not isinstance(weights, Tensor):
        weights = weights[0] / weights[0].sum(1, keepdim=True)
    return Fused(image, weights, outside)
