import pytest
import torch
from skimage.metrics import structural_similarity
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.losses import SupervisedLoss


def images() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    reference = torch.rand(2, 3, 20, 24, generator=generator, dtype=torch.float64)
    return reference + 0.2 * torch.randn(reference.shape, generator=generator), reference


def test_terms_are_those_of_numpy_and_scikit_image() -> None:
    fused, reference = images()
    terms = SupervisedLoss(structure=0.5)(fused, fused[:, None], reference)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1}
    pairs = [
        (f.movedim(0, -1).numpy(), r.movedim(0, -1).numpy()) for f, r in zip(fused, reference, strict=True)
    ]
    apart = sum(abs(f - r).mean() for f, r in pairs) / 2
    alike = sum(structural_similarity(r, f.clip(0, 1), channel_axis=-1, **settings) for f, r in pairs) / 2
    assert terms["l1"].item() == pytest.approx(apart)
    assert terms["ssim"].item() == pytest.approx(alike)
    assert terms["loss"].item() == pytest.approx(apart + 0.5 * (1 - alike))


def test_descending_it_leads_to_the_reference_from_outside_the_range() -> None:
    fused, reference = images()
    fused = (fused + 0.3).requires_grad_()
    optimizer = torch.optim.Adam([fused], lr=0.02)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        terms = SupervisedLoss()(fused, fused[:, None].detach(), reference)
        terms["loss"].backward()
        optimizer.step()
        losses.append(terms["loss"].item())
    assert losses[-1] < losses[0] / 5
    assert_close(fused.detach(), reference, atol=0.1, rtol=0)


def test_negative_weight_is_refused() -> None:
    with pytest.raises(InputError, match=r"loss\.structure of at least 0\. Got -1"):
        SupervisedLoss(-1)


def test_16_bits_of_autocast_change_nothing() -> None:
    fused, reference = (image.float() for image in images())
    expected = SupervisedLoss()(fused, fused[:, None], reference)
    with torch.autocast("cpu", torch.bfloat16):
        found = SupervisedLoss()(fused, fused[:, None], reference)
    assert_close(found, expected, rtol=0, atol=0)
