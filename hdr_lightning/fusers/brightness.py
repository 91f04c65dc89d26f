"""How bright a place of the fused image is to be: weights for the coarsest bands, decided on a thumbnail."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hdr_lightning.blending.pyramid import gaussian

BANDS = 2
"""How many of the coarsest bands these weights mix: MEF-SSIM hardly sees them, and people see little else."""
LEVELS = 4
"""How many levels below the coarsest the thumbnail lies: its smaller side has 16 to 31 pixels."""
PIXELS = 2**17
"""Largest level of the pyramid that is looked at."""
WHITE, BLACK = 0.95, 0.05
"""Gray beyond which an exposure shows nothing any more."""
CUES = 4
LARGEST_LOGIT = 4.0


class Brightness(nn.Module):
    """Weights of the exposures on a thumbnail, from what each shows there and in the mean of all places.

    It is the same for every exposure and averages over them, so it takes any number in any order. A thumbnail
    has about the same size for every photograph, so size does not change the brightness. Untrained, all
    weights are equal.

    Args:
        features: Channels.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.read = _conv(CUES, features)
        self.meet = nn.ModuleList(_conv(3 * features, features) for _ in range(2))
        self.head = nn.Conv2d(features, 1, kernel_size=1)
        for parameter in self.head.parameters():
            nn.init.zeros_(parameter)

    def of_bands(self, gray: list[Tensor], level: int = 0) -> dict[int, Tensor]:
        """Weights (B, K, 1, h, w) of the coarsest bands, by their numbers.

        Args:
            gray: The full pyramid of the gray exposures, each level (B, K, 1, h, w), finest first; levels
                before `level` are not looked at.
            level: The one to look at, or a coarser one where the thumbnail is larger.
        """
        last = len(gray) - 1
        thumbnail = max(last - LEVELS, level)
        found = gaussian(self(gray[level], thumbnail - level), last - thumbnail)
        return {last - n: found[-1 - n] for n in range(min(BANDS, len(found)))}

    def forward(self, gray: Tensor, halvings: int) -> Tensor:
        """Weights (B, K, 1, h, w) that sum to 1, from gray (B, K, 1, H, W) that is halved so many times."""
        seen = [gray, gray.square(), (gray > WHITE).to(gray.dtype), (gray < BLACK).to(gray.dtype)]
        coarse = gaussian(torch.cat(seen, dim=2), halvings)[-1]
        mean, power, white, black = torch.split(coarse, 1, dim=2)
        spread = 3 * (power - mean.square()).clamp_min(1e-5).sqrt()
        state = _on_each(self.read, torch.cat([mean - 0.5, white, black, spread], dim=2))
        for layer in self.meet:
            around = [state.mean(1, keepdim=True), state.mean((-2, -1), keepdim=True)]
            state = state + _on_each(layer, torch.cat([state, *(x.expand_as(state) for x in around)], dim=2))
        logits = torch.unflatten(self.head(state.flatten(0, 1)), 0, gray.shape[:2]).to(gray.dtype)
        return (LARGEST_LOGIT * torch.tanh(logits / LARGEST_LOGIT)).softmax(1)


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, padding_mode="replicate")


def _on_each(layer: nn.Module, images: Tensor) -> Tensor:
    """A bent layer on each of the exposures (B, K, C, h, w)."""
    return torch.unflatten(F.leaky_relu(layer(images.flatten(0, 1)), 0.2), 0, images.shape[:2])
