"""The gradient that is written by hand, against autograd through kornia's SSIM and against differences."""

import torch
from kornia.metrics import ssim
from torch import Tensor

from hdr_lightning.filters import Window
from hdr_lightning.losses.ssim_gradient import WeightedSSIM

WINDOWS = (Window(5, sigma=1.5), Window(3, sigma=1.5))


def planes(count: int, height: int, width: int) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Fused planes (count, H, W), two exposures of them, and a gamma for each window."""
    generator = torch.Generator().manual_seed(0)
    fused, *exposures = torch.rand(3, count, height, width, dtype=torch.float64, generator=generator)
    gammas = [
        torch.rand(2, count, height + 1 - window.size, width + 1 - window.size, dtype=torch.float64)
        for window in WINDOWS
    ]
    return fused.requires_grad_(), torch.stack(exposures), gammas


def test_value_and_gradient_equal_kornia() -> None:
    fused, exposures, gammas = planes(18, 12, 15)  # a full group of planes, and a part of one
    mean, scores = WeightedSSIM.apply(fused, exposures, gammas, WINDOWS, (0.01**2, 0.03**2))
    expected = []
    for window, gamma in zip(WINDOWS, gammas, strict=True):
        maps = [ssim(fused[:, None], other[:, None], window.size, padding="valid") for other in exposures]
        expected.append(sum(gamma[k] * maps[k][:, 0] for k in range(2)).mean())
    # kornia makes its windows in float32
    torch.testing.assert_close(scores, torch.stack(expected), atol=1e-6, rtol=0)
    (found,) = torch.autograd.grad(3 * mean, fused)
    (wanted,) = torch.autograd.grad(3 * torch.stack(expected).mean(), fused)
    torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-3)


def test_gradient_equals_differences() -> None:
    fused, exposures, gammas = planes(2, 6, 7)
    assert torch.autograd.gradcheck(
        lambda image: WeightedSSIM.apply(image, exposures, gammas, WINDOWS, (1e-4, 9e-4))[0], fused
    )
