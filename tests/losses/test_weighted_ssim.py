import numpy as np
import pytest
import torch
from kornia.metrics import ssim
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.filters import Window
from hdr_lightning.gammas import CueGamma
from hdr_lightning.losses import WeightedSSIMLoss, weighted_ssim_loss

SIZES = (11, 9, 7, 5, 3)


def images(
    batch: int = 2, count: int = 2, height: int = 24, width: int = 21, dtype: torch.dtype = torch.float64
) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    coarse = torch.rand(batch, 3, 6, 6, generator=generator, dtype=dtype)
    scene = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0.02, 1)
    exposures = torch.stack([(scene * gain).clamp(0, 1) for gain in (0.2, 4.0, 1.0)[:count]], dim=1)
    return (0.8 * exposures.mean(dim=1) + 0.1 * scene.flip(-1)), exposures


def literal_loss(fused: np.ndarray, exposures: np.ndarray, uniform: bool = False) -> float:
    """Eq. 4 of an image (3, H, W) and its exposures (K, 3, H, W): loops over windows, channels, positions."""
    grays = np.tensordot(exposures, [0.298936021293775, 0.587043074451121, 0.114020904255103], (1, 0))
    height, width = fused.shape[1:]
    total = 0.0
    for size in SIZES:
        bell = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * 1.5**2))
        taps = np.full((size, size), size**-2.0) if uniform else np.outer(bell, bell) / bell.sum() ** 2
        values = []
        for top in range(height - size + 1):
            for left in range(width - size + 1):
                inside = (slice(top, top + size), slice(left, left + size))
                trusts = []
                for gray in grays:
                    mean = (taps * gray[inside]).sum()
                    trusts.append(max((taps * (gray[inside] - mean) ** 2).sum(), 1e-4))
                for channel in range(3):
                    f = fused[channel][inside]
                    for trust, exposure in zip(trusts, exposures, strict=True):
                        k = exposure[channel][inside]
                        m, a = (taps * f).sum(), (taps * k).sum()
                        covariance = (taps * (f - m) * (k - a)).sum()
                        spread = (taps * ((f - m) ** 2 + (k - a) ** 2)).sum()
                        luminance = (2 * m * a + 0.01**2) / (m**2 + a**2 + 0.01**2)
                        structure = (2 * covariance + 0.03**2) / (spread + 0.03**2)
                        values.append(trust / sum(trusts) * luminance * structure * len(trusts))
        total += np.mean(values)
    return 1 - total / len(SIZES)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("window", "count"), [("gaussian", 2), ("gaussian", 3), ("uniform", 2)])
def test_loss_equals_equation_4(window: str, count: int, dtype: torch.dtype) -> None:
    fused, exposures = images(count=count, height=16, width=15)
    expected = np.mean(
        [
            literal_loss(f.numpy(), e.numpy(), window == "uniform")
            for f, e in zip(fused, exposures, strict=True)
        ]
    )
    loss = WeightedSSIMLoss(CueGamma(("var",)), window=window)  # type: ignore[arg-type]
    value = loss(fused.to(dtype), exposures.to(dtype))["loss"]
    assert value.dtype == dtype
    assert_close(value.item(), float(expected), rtol=0, atol=1e-5 if dtype == torch.float32 else 1e-12)


@pytest.mark.parametrize("border", ["valid", "reflect"])
@pytest.mark.parametrize("batch", [1, 7])  # one plane group, and two of which one is not full
def test_loss_and_gradient_equal_kornia(batch: int, border: str) -> None:
    fused, exposures = images(batch=batch, height=40, width=37, dtype=torch.float32)
    fused.requires_grad_()
    gamma = CueGamma(("grad", "wellexp"))
    expected: dict[str, torch.Tensor] = {}
    for size in SIZES:
        maps = gamma(exposures, Window(size, 1.5, border))  # type: ignore[arg-type]
        padding = "valid" if border == "valid" else "same"
        parts = [ssim(fused, exposures[:, k], size, padding=padding) * maps[:, k] for k in range(2)]
        expected[f"ssim_{size}"] = sum(part.mean() for part in parts)
    expected["loss"] = 1 - torch.stack(list(expected.values())).mean()
    (gradient,) = torch.autograd.grad(3 * expected["loss"], fused)
    terms = WeightedSSIMLoss(gamma, border=border)(fused, exposures)  # type: ignore[arg-type]
    (found,) = torch.autograd.grad(3 * terms["loss"], fused)
    assert terms.keys() == expected.keys()
    for name, value in expected.items():
        assert_close(terms[name], value, rtol=0, atol=1e-5)
    assert_close(found, gradient, rtol=1e-3, atol=1e-4 * gradient.abs().max().item())


@pytest.mark.parametrize("border", ["valid", "reflect"])
@pytest.mark.parametrize("count", [2, 3])
def test_gradient_equals_differences(count: int, border: str) -> None:
    fused, exposures = images(batch=1, count=count, height=6, width=7)
    loss = WeightedSSIMLoss(CueGamma(), windows=(5, 3), border=border)  # type: ignore[arg-type]
    assert torch.autograd.gradcheck(lambda f: loss(f, exposures)["loss"], fused.requires_grad_())


def test_gamma_per_channel_weighs_its_channel() -> None:
    fused, exposures = images(batch=2, height=12, width=13)
    window = (Window(3),)
    gamma = torch.rand(2, 2, 3, 10, 11, dtype=torch.float64).softmax(dim=1)
    value, _ = weighted_ssim_loss(fused, exposures, lambda *_: gamma, window)
    parts = [
        weighted_ssim_loss(
            fused[:, c, None], exposures[:, :, c, None], lambda *_, c=c: gamma[:, :, c, None], window
        )
        for c in range(3)
    ]
    assert_close(value, torch.stack([loss for loss, _ in parts]).mean())


def test_an_exposure_alone_in_trust_is_the_best_image() -> None:
    _, exposures = images()

    def first_only(exposures: torch.Tensor, window: Window) -> torch.Tensor:
        height, width = (side - window.size + 1 for side in exposures.shape[-2:])
        gamma = exposures.new_zeros(*exposures.shape[:2], 1, height, width)
        gamma[:, 0] = 1
        return gamma

    loss, scores = weighted_ssim_loss(exposures[:, 0], exposures, first_only)
    assert_close(loss.item(), 0.0, rtol=0, atol=1e-12)
    assert_close(scores, torch.ones_like(scores))


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("given", ["zeros", "ones", "rand", "clipped"])
@pytest.mark.parametrize("kind", ["zeros", "ones", "rand", "clipped"])
@pytest.mark.parametrize("cues", [("var", "grad"), ("wellexp",)], ids="_".join)
def test_gradient_is_finite(cues: tuple[str, ...], kind: str, given: str, autocast: bool) -> None:
    def patch(name: str, *shape: int) -> torch.Tensor:
        values = torch.rand(shape) * 3 - 1 if name == "clipped" else getattr(torch, name)(shape)
        return values.clamp(0, 1)

    leaf = patch(kind, 2, 3, 20, 20).requires_grad_()
    exposures = patch(given, 2, 2, 3, 20, 20)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        fused = leaf.bfloat16() if autocast else leaf
        terms = WeightedSSIMLoss(CueGamma(cues))(fused, exposures)
    terms["loss"].backward()
    assert terms["loss"].dtype == torch.float32
    assert -1e-5 <= terms["loss"].item() <= 2
    assert leaf.grad is not None and leaf.grad.isfinite().all()


def test_autocast_changes_nothing() -> None:
    fused, exposures = images(dtype=torch.float32)
    loss = WeightedSSIMLoss(CueGamma())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(fused, exposures)["loss"]
    assert_close(inside, loss(fused, exposures)["loss"], rtol=0, atol=0)


def test_twenty_steps_lower_the_loss() -> None:
    fused, exposures = images(count=3)
    fused = fused.clone().requires_grad_()
    loss, losses = WeightedSSIMLoss(CueGamma()), []
    optimizer = torch.optim.Adam([fused], lr=0.01)
    for _ in range(20):
        optimizer.zero_grad()
        value = loss(fused, exposures)["loss"]
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < 0.9 * losses[0]


def test_gamma_maps_cover_the_whole_image() -> None:
    _, exposures = images()
    gamma = CueGamma(("var",))
    maps = WeightedSSIMLoss(gamma, windows=(3, 11, 5)).gamma_maps(exposures)
    assert maps.shape == (2, 2, 1, 24, 21)
    assert_close(maps[..., 5:-5, 5:-5], gamma(exposures, Window(11)))


@pytest.mark.parametrize(
    "arguments",
    [{"windows": ()}, {"windows": (4,)}, {"windows": (3, 3)}, {"sigma": 0.0}, {"window": "box"}, {"k1": 0.0}],
    ids=str,
)
def test_settings_raise(arguments: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"Expected .* Got"):
        WeightedSSIMLoss(CueGamma(), **arguments)  # type: ignore[arg-type]


def test_loss_raises_on_shapes() -> None:
    loss = WeightedSSIMLoss(CueGamma())
    with pytest.raises(InputError, match=r"Expected a fused image .* Got"):
        loss(torch.zeros(1, 3, 20, 20), torch.zeros(2, 2, 3, 20, 20))
    with pytest.raises(InputError, match="at least 11 x 11 pixels"):
        loss(torch.zeros(1, 3, 10, 20), torch.zeros(1, 2, 3, 10, 20))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("border", ["valid", "reflect"])
def test_cuda_equals_cpu(border: str) -> None:
    fused, exposures = images(batch=7, height=40, width=37, dtype=torch.float32)
    loss = WeightedSSIMLoss(CueGamma(), border=border)  # type: ignore[arg-type]
    results = []
    for device in ("cpu", "cuda"):
        leaf = fused.to(device).requires_grad_()
        value = loss(leaf, exposures.to(device))["loss"]
        results.append((value.cpu(), torch.autograd.grad(value, leaf)[0].cpu()))
    assert_close(results[1][0], results[0][0], rtol=0, atol=1e-5)
    assert_close(results[1][1], results[0][1], rtol=1e-3, atol=1e-3 * results[0][1].abs().max().item())
