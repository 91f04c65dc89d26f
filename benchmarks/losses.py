"""Time and memory of the loss and the metric beside the obvious ways to compute the same numbers, in one run.

    python benchmarks/losses.py [--repeats 3]

The two ways of a row take turns, the least time of each counts, and the numbers have to agree. Memory is what
one call adds to the peak of a process of its own.
"""

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from kornia.metrics import ssim
from torch import Tensor

from hdr_lightning.cues import to_gray
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma
from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.metrics import mef_ssim

SIZES = (11, 9, 7, 5, 3)
POWERS = torch.tensor([0.0448, 0.2856, 0.3001]) / (0.0448 + 0.2856 + 0.3001)
EPS = 2.0**-52
C = (0.03 * 255) ** 2
GAMMA = CueGamma(("var", "grad"))
Way = Callable[[Tensor, Tensor], Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", nargs=2, metavar=("ROW", "WAY"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory:
        print(added_memory(*args.memory))
        return
    print(f"{torch.get_num_threads()} threads, least of {args.repeats} repeats")
    print(f"{'':44}{'obvious':>10}{'here':>10}{'ratio':>8}")
    for name, row in ROWS.items():
        seconds, apart = compare(*row, args.repeats)
        print(f"{name:44}{seconds[0]:8.3f} s{seconds[1]:8.3f} s{seconds[0] / seconds[1]:8.1f}")
        memory = [peak(name, way) for way in ("obvious", "here")]
        print(f"{'  memory':44}{memory[0]:7.0f} MB{memory[1]:7.0f} MB{memory[0] / max(memory[1], 1):8.1f}")
        print(f"  values apart by {apart:.1e}", flush=True)


def compare(obvious: Way, here: Way, inputs: tuple[int, int, int], repeats: int) -> tuple[list[float], float]:
    """Least seconds of both ways, taking turns, and the difference of what they return."""
    images = scene(*inputs)
    values = [way(*images) for way in (obvious, here)]  # warm up
    seconds = [math.inf, math.inf]
    for _ in range(repeats):
        for index, way in enumerate((obvious, here)):
            start = time.perf_counter()
            way(*images)
            seconds[index] = min(seconds[index], time.perf_counter() - start)
    apart = (values[0] - values[1]).abs().max().item()
    if apart > 1e-4:
        raise SystemExit(f"Expected equal values. Got {values}")
    return seconds, apart


def peak(row: str, way: str) -> float:
    command = [sys.executable, __file__, "--memory", row, way]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def added_memory(row: str, way: str) -> float:
    obvious, here, inputs = ROWS[row]
    images = scene(*inputs)
    before = peak_of_process()
    (here if way == "here" else obvious)(*images)
    return peak_of_process() - before


def peak_of_process() -> float:
    """Megabytes; not getrusage, whose peak a child inherits from the process that started it."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


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
    return (torch.stack(scores) ** POWERS).prod()[None]


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


def looped_mef_ssim(fused: Tensor, exposures: Tensor) -> Tensor:
    """MEF-SSIM one patch after the other, as the definition reads."""
    image = to_gray(fused * 255).round()
    inputs = to_gray(exposures[0] * 255).round()
    scores = []
    for _ in range(3):
        height, width = image.shape[-2:]
        patches = [
            unfolded_scale(image[..., i : i + 11, j : j + 11], inputs[..., i : i + 11, j : j + 11])
            for i in range(height - 10)
            for j in range(width - 10)
        ]
        scores.append(torch.stack(patches).mean())
        image, inputs = F.avg_pool2d(image, 2), F.avg_pool2d(inputs, 2)
    return (torch.stack(scores) ** POWERS).prod()[None]


ROWS: dict[str, tuple[Way, Way, tuple[int, int, int]]] = {
    "weighted SSIM, 16 x 250 x 250, kornia": (trained(kornia_loss), trained(weighted_ssim), (16, 2, 250)),
    "MEF-SSIM, 512 x 512, unfolded patches": (unfolded_mef_ssim, mef_ssim, (1, 2, 512)),
    "MEF-SSIM, 64 x 64, patch by patch": (looped_mef_ssim, mef_ssim, (1, 2, 64)),
}

if __name__ == "__main__":
    main()
