"""Time and memory of the loss and the metric beside the obvious ways to compute the same numbers, in one run.

    python -m benchmarks.losses [--rounds 5]

The two ways of a row take turns and have to agree; seconds are of the processor. Memory is what one call
adds to the peak of a process of its own.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from kornia.metrics import ssim
from torch import Tensor

from benchmarks.literal import EPS, POWERS, C, literal_scales
from benchmarks.measuring import alone, memory, note, ratio, table, take_turns, typical
from hdr_lightning.cues import to_gray
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma
from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.metrics import mef_ssim

SIZES = (11, 9, 7, 5, 3)
GAMMA = CueGamma(("var", "grad"))
Way = Callable[[Tensor, Tensor], Tensor]


class Row(NamedTuple):
    """The obvious way and the one of the package, and batch, exposures and side of what they are given."""

    obvious: Way
    here: Way
    inputs: tuple[int, int, int]


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    parser.add_argument("--memory", nargs=2, metavar=("ROW", "WAY"), help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.memory:
        print(added_memory(*args.memory))
        return
    header = ["what", "peer, s", "here, s", "times faster", "peer, MB", "here, MB", "times less", "apart"]
    rows = [compare(name, args.rounds) for name in args.only]
    table(f"{torch.get_num_threads()} threads, medians of {args.rounds} rounds", header, rows)


def compare(name: str, rounds: int) -> list[str]:
    note(name)
    row = ROWS[name]
    images = scene(*row.inputs)
    apart = (row.obvious(*images) - row.here(*images)).abs().max().item()
    if not apart < 1e-5:
        raise SystemExit(f"Expected equal values in {name}. Got {apart} between them")
    costs = take_turns({"peer": partial(row.obvious, *images), "here": partial(row.here, *images)}, rounds)
    seconds = [typical(costs[way]).cpu for way in ("peer", "here")]
    faster = ratio(costs["peer"], costs["here"]).cpu
    peaks = [alone("benchmarks.losses", "--memory", name, way) for way in ("peer", "here")]
    less = f"{peaks[0] / max(peaks[1], 1):.1f}" if max(peaks) > 100 else ""  # a few pages say nothing
    numbers = [f"{seconds[0]:.3f}", f"{seconds[1]:.3f}", f"{faster:.1f}", *(f"{peak:.0f}" for peak in peaks)]
    return [name, *numbers, less, f"{apart:.0e}"]


def added_memory(name: str, way: str) -> float:
    row = ROWS[name]
    images = scene(*row.inputs)
    before = memory()
    (row.here if way == "here" else row.obvious)(*images)
    return memory() - before


def scene(batch: int, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Fused images and exposures of smooth scenes with fine texture, in 8 bits."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(batch, 3, 9, 9, generator=generator)
    light = F.interpolate(coarse, (side, side), mode="bicubic").clamp(0.02, 1)
    light = light * (0.9 + 0.2 * torch.rand(light.shape, generator=generator))
    gains = torch.logspace(-0.6, 0.6, count)
    exposures = torch.stack([(light * gain).clamp(0, 1) for gain in gains], dim=1)
    exposures = (exposures * 255).round() / 255
    return (exposures.mean(dim=1) * 255).round() / 255, exposures


def trained(loss: Way) -> Way:
    """Forward and backward: value and gradient in one vector."""

    def step(fused: Tensor, exposures: Tensor) -> Tensor:
        fused = fused.clone().requires_grad_()
        value = loss(fused, exposures)
        value.backward()
        assert fused.grad is not None
        return torch.cat([value.detach()[None], fused.grad.flatten()])

    return step


def weighted_ssim(fused: Tensor, exposures: Tensor) -> Tensor:
    return WeightedSSIMLoss(GAMMA)(fused, exposures)["loss"]


def kornia_loss(fused: Tensor, exposures: Tensor) -> Tensor:
    """Eq. 4 as ten calls of kornia's SSIM, with the same gamma maps as the loss of the package."""
    total = torch.zeros(())
    for size in SIZES:
        gamma = GAMMA(exposures, Window(size))
        for k in range(exposures.shape[1]):
            total = total + (gamma[:, k] * ssim(fused, exposures[:, k], size, padding="valid")).mean()
    loss: Tensor = 1 - total / len(SIZES)
    return loss


def unfolded_mef_ssim(fused: Tensor, exposures: Tensor) -> Tensor:
    """MEF-SSIM by all 11 x 11 patches of all images laid side by side, as public PyTorch versions do."""
    image = to_gray(fused * 255).round()
    inputs = to_gray(exposures[0] * 255).round()
    scores = []
    for _ in range(3):
        scores.append(unfolded_scale(image, inputs))
        image, inputs = (
            F.avg_pool2d(F.pad(x, (0, x.shape[-1] % 2, 0, x.shape[-2] % 2), mode="replicate"), 2)
            for x in (image, inputs)
        )
    return (torch.stack(scores) ** torch.from_numpy(POWERS)).prod().float()[None]


def unfolded_scale(image: Tensor, inputs: Tensor) -> Tensor:
    """One scale: (1, 1, H, W) and (K, 1, H, W)."""
    bell = torch.exp(-(torch.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = (torch.outer(bell, bell) / bell.sum() ** 2).reshape(1, 121, 1)
    patches = F.unfold(inputs, 11)
    patches = patches - patches.mean(dim=1, keepdim=True)
    norms = patches.norm(dim=1)
    energy = norms + 0.001
    consistency = (patches.sum(dim=0).norm(dim=0) + EPS) / (norms.sum(dim=0) + EPS)
    power = torch.tan(consistency.clamp_max(2 / math.pi * math.atan(10)) * math.pi / 2)
    weights = (energy / 11) ** power + EPS
    weights = weights / weights.sum(dim=0)
    desired = ((weights / energy)[:, None] * patches).sum(dim=0, keepdim=True)
    length = desired.norm(dim=1, keepdim=True)
    desired = desired / length.clamp_min(1e-12) * energy.amax(dim=0)
    desired = desired - (window * desired).sum(dim=1, keepdim=True)
    found = F.unfold(image, 11)
    found = found - (window * found).sum(dim=1, keepdim=True)
    covariance = (window * desired * found).sum(dim=1)
    spread = (window * (desired.square() + found.square())).sum(dim=1)
    score: Tensor = ((2 * covariance + C) / (spread + C)).mean()
    return score


def literal_mef_ssim(fused: Tensor, exposures: Tensor) -> Tensor:
    """MEF-SSIM one patch after the other in NumPy."""
    images = ((tensor[0] * 255).round().double().numpy() for tensor in (fused, exposures))
    return torch.from_numpy(literal_scales(*images) ** POWERS).prod().float()[None]


ROWS = {
    "weighted SSIM, 16 x 250 x 250, kornia": Row(trained(kornia_loss), trained(weighted_ssim), (16, 2, 250)),
    "MEF-SSIM, 512 x 512, unfolded patches": Row(unfolded_mef_ssim, mef_ssim, (1, 2, 512)),
    "MEF-SSIM, 128 x 128, patch by patch": Row(literal_mef_ssim, mef_ssim, (1, 2, 128)),
}

if __name__ == "__main__":
    main()
