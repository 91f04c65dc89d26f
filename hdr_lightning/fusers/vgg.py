"""The paper's encoder-decoder: exposures in, weight maps out (section 3.1, figures 2 and 3)."""

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hdr_lightning.cues import to_gray
from hdr_lightning.errors import InputError
from hdr_lightning.fusers.base import Fuser, Reach

GROUPS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))
"""Filters of the ten encoder convolutions, by resolution; the decoder mirrors them (3.1.1, 3.1.2)."""

Upsampling = Literal["bilinear", "nearest"]


class VGG(Fuser):
    """Predict one weight map per exposure with the VGG16-like encoder-decoder of section 3.1.

    Ten 3x3 convolutions down and ten up, each with batch norm and ReLU, a 1x1 convolution to one logit
    per exposure, and a softmax over the exposures. The image is reflect-padded to a multiple of
    `2 ** poolings` and cropped back, so any size goes in.

    What the paper leaves open is an option; docs/results.md tells how the defaults were chosen.

    Args:
        width: Factor on every filter count; 1 is the paper's network, 0.25 trains on a CPU.
        inputs: How the exposures meet. `shared`: one network sees each exposure beside the mean of all of
            them, so any K works and the order does not matter. `stacked`: the exposures, sorted dark to
            bright, are the channels of one input, at half the cost for K = 2 but for that K only.
        exposures: K of a `stacked` network; ignored by `shared`, which takes any.
        skips: Feed each encoder group's output to the decoder group of the same resolution.
        poolings: Number of 2x2 max-poolings, after the first groups (0 to 4).
        upsampling: Interpolation of the decoder.

    Raises:
        InputError: An option is out of its range.
    """

    blending = "weighted_sum"

    def __init__(
        self,
        width: float = 1.0,
        inputs: Literal["shared", "stacked"] = "shared",
        exposures: int = 2,
        skips: bool = True,
        poolings: int = 3,
        upsampling: Upsampling = "bilinear",
    ) -> None:
        super().__init__()
        if not 0 <= poolings <= len(GROUPS):
            raise InputError(f"model.poolings: Expected 0 to {len(GROUPS)}. Got {poolings}")
        if not 0 < width < math.inf:
            raise InputError(f"model.width: Expected a positive factor. Got {width}")
        if exposures < 2:
            raise InputError(f"model.exposures: Expected at least 2. Got {exposures}")
        self.exposures = exposures if inputs == "stacked" else None
        self.skips, self.poolings, self.upsampling = skips, poolings, upsampling
        groups = [[max(1, round(width * filters)) for filters in group] for group in GROUPS]
        ends = [group[-1] for group in groups]
        self.encoder = nn.ModuleList(
            _convolutions(before, group)
            for before, group in zip([self.exposures or 2, *ends], groups, strict=False)
        )
        self.decoder = nn.ModuleList()
        for level, group in enumerate(groups):
            deeper = groups[level + 1][0] if level + 1 < len(groups) else ends[-1]
            skipped = ends[level] if skips and level < poolings else 0
            self.decoder.append(_convolutions(deeper + skipped, group[::-1]))
        self.head = nn.Conv2d(groups[0][0], self.exposures or 1, kernel_size=1)
        self.apply(_initialise)
        # A third faster on a CPU and needed for tensor cores; the values do not change.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def reach(self) -> Reach:
        """Found by following one cell of the coarsest grid from the weights back to the pixels."""
        grid = 2**self.poolings
        first, last = 0, grid - 1
        for level, group in enumerate(self.decoder):
            first, last = first - _radius(group), last + _radius(group)
            if level < self.poolings:
                # A bilinear sample lies between two coarse ones, the outer of which may be a neighbour.
                neighbour = self.upsampling == "bilinear"
                first, last = (first - neighbour) // 2, (last + neighbour) // 2
        for level, group in reversed(list(enumerate(self.encoder))):
            if level < self.poolings:
                first, last = 2 * first, 2 * last + 1
            first, last = first - _radius(group), last + _radius(group)
        outside = max(-first, last - (grid - 1))
        return Reach(grid, math.ceil(outside / grid) * grid)

    def forward(self, exposures: Tensor) -> Tensor:
        """Weigh the exposures.

        Args:
            exposures: (B, K, 3, H, W) in [0, 1], sorted dark to bright.

        Returns:
            Weights (B, K, 1, H, W) that sum to 1 over K.

        Raises:
            InputError: A `stacked` network meets another number of exposures than its own.
        """
        gray = to_gray(exposures)
        b, k, _, h, w = gray.shape
        if self.exposures is not None and k != self.exposures:
            raise InputError(
                f"Expected {self.exposures} exposures, as this network was built with inputs=stacked "
                f"exposures={self.exposures}. Got {k}"
            )
        if self.exposures is None:
            gray = torch.cat([gray, gray.mean(1, keepdim=True).expand_as(gray)], dim=2).flatten(0, 1)
        else:
            gray = gray.flatten(1, 2)
        logits = self._decode(*self._encode(_pad(gray, 2**self.poolings)))[..., :h, :w]
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))  # of autocast
        return logits.reshape(b, k, 1, h, w).softmax(dim=1)

    def _encode(self, features: Tensor) -> tuple[Tensor, list[Tensor]]:
        skipped = []
        for level, group in enumerate(self.encoder):
            features = group(features)
            if level < self.poolings:
                skipped.append(features)
                features = F.max_pool2d(features, 2)
        return features, skipped

    def _decode(self, features: Tensor, skipped: list[Tensor]) -> Tensor:
        for level in reversed(range(len(self.decoder))):
            if level < self.poolings:
                features = F.interpolate(features, scale_factor=2.0, mode=self.upsampling)
                if self.skips:
                    features = torch.cat([features, skipped[level]], dim=1)
            features = self.decoder[level](features)
        return self.head(features)


def _radius(layers: nn.Module) -> int:
    """Pixels that a group of convolutions sees to each side."""
    return sum(layer.kernel_size[0] // 2 for layer in layers.modules() if isinstance(layer, nn.Conv2d))


def _convolutions(channels: int, filters: list[int]) -> nn.Sequential:
    """3x3 convolution, batch norm and ReLU for each filter count."""
    layers: list[nn.Module] = []
    for before, after in pairwise([channels, *filters]):
        layers += [
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def _initialise(module: nn.Module) -> None:
    """He's normal initialisation, which keeps the scale through ReLU layers."""
    if isinstance(module, nn.Conv2d) and module.bias is None:
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def _pad(images: Tensor, multiple: int) -> Tensor:
    """Pad (N, C, H, W) on the lower right to a multiple, by reflection where the image is large enough."""
    h, w = images.shape[-2:]
    below, right = -h % multiple, -w % multiple
    mode = "reflect" if below < h and right < w else "replicate"
    return F.pad(images, (0, right, 0, below), mode=mode)
