import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.losses import MEFSSIMLoss
from hdr_lightning.metrics import mef_ssim, mef_ssim_scales
from hdr_lightning.metrics.mef_ssim_c import mef_ssim_c


def images(batch: int = 2, count: int = 2, side: int = 48) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    coarse = torch.rand(batch, 3, 8, 8, generator=generator, dtype=torch.float64)
    scene = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0.02, 1)
    exposures = torch.stack([(scene * gain).clamp(0, 1) for gain in (0.3, 1.5, 4.0)[:count]], dim=1)
    return exposures.mean(dim=1), exposures


def test_loss_is_one_minus_the_unrounded_metric() -> None:
    fused, exposures = images(count=3)
    terms = MEFSSIMLoss()(fused, exposures)
    assert_close(terms["loss"], 1 - mef_ssim(fused, exposures, round_gray=False).mean())
    scales = mef_ssim_scales(fused, exposures, round_gray=False).mean(dim=0)
    assert_close(torch.stack([terms[f"scale_{scale}"] for scale in (1, 2, 3)]), scales)
    assert_close(terms["loss"], 1 - mef_ssim(fused, exposures).mean(), rtol=0, atol=2e-2)


def test_luminance_and_overshoot_are_added_by_their_weights() -> None:
    fused, exposures = images(count=3)
    wide = 1.3 * fused - 0.1
    image = wide.clamp(0, 1)
    terms = MEFSSIMLoss(luminance=0.2, overshoot=3.0)(wide, exposures)
    beyond = (0.005 - wide).clamp_min(0) + (wide - 0.995).clamp_min(0)
    assert beyond.mean() > 0.001
    assert_close(terms["overshoot"], beyond.mean())
    assert_close(terms["mef_ssim_c"], mef_ssim_c(image, exposures).mean())
    plain = 1 - mef_ssim(image, exposures, round_gray=False).mean()
    assert_close(terms["loss"], plain + 0.2 * (1 - terms["mef_ssim_c"]) + 3 * terms["overshoot"])


def test_negative_weights_are_refused() -> None:
    with pytest.raises(InputError, match=r"loss\.luminance"):
        MEFSSIMLoss(luminance=-0.1)


def test_gradient_equals_differences() -> None:
    fused, exposures = images(batch=1, side=44)
    direction = torch.rand_like(fused)

    def along(step: torch.Tensor) -> torch.Tensor:
        return MEFSSIMLoss()(fused + step * direction, exposures)["loss"]

    step = torch.zeros((), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(along, step)
    # And for every pixel of a corner, where the three scales overlap the border.
    corner = fused[..., :3, :3].clone().requires_grad_()

    def with_corner(pixels: torch.Tensor) -> torch.Tensor:
        changed = fused.clone()
        changed[..., :3, :3] = pixels
        return MEFSSIMLoss()(changed, exposures)["loss"]

    assert torch.autograd.gradcheck(with_corner, corner)


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("given", ["zeros", "ones", "rand", "clipped"])
@pytest.mark.parametrize("kind", ["zeros", "ones", "rand", "clipped"])
def test_gradient_is_finite(kind: str, given: str, autocast: bool) -> None:
    def patch(name: str, *shape: int) -> torch.Tensor:
        values = torch.rand(shape) * 3 - 1 if name == "clipped" else getattr(torch, name)(shape)
        return values.clamp(0, 1)

    fused = patch(kind, 1, 3, 44, 44).requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        loss = MEFSSIMLoss()(fused, patch(given, 1, 2, 3, 44, 44))["loss"]
    loss.backward()
    assert loss.dtype == torch.float32
    assert 0 <= loss.item() <= 1
    assert fused.grad is not None and fused.grad.isfinite().all()


def test_twenty_steps_lower_the_loss() -> None:
    fused, exposures = images(count=3)
    fused = fused.clone().requires_grad_()
    optimizer, losses = torch.optim.Adam([fused], lr=0.01), []
    for _ in range(20):
        optimizer.zero_grad()
        loss = MEFSSIMLoss()(fused, exposures)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_loss_raises_on_small_patches() -> None:
    with pytest.raises(InputError, match="at least 44 pixels"):
        MEFSSIMLoss()(torch.zeros(1, 3, 40, 48), torch.zeros(1, 2, 3, 40, 48))
