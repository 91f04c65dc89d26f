import cv2
import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.blending import MultiBand, WeightedSum, weighted_sum
from hdr_lightning.errors import InputError


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    exposures = torch.rand(1, 2, 3, 20, 24, dtype=torch.float64)
    return exposures, torch.randn(1, 2, 1, 20, 24, dtype=torch.float64).softmax(dim=1)


def test_ycbcr_blends_luma_by_weights_and_chroma_by_saturation() -> None:
    exposures, weights = pair()
    planes = [
        cv2.cvtColor(image.permute(1, 2, 0).numpy().astype(np.float32), cv2.COLOR_RGB2YCrCb)
        for image in exposures[0]
    ]
    luma = sum(w[0].numpy() * p[..., 0] for w, p in zip(weights[0], planes, strict=True))
    chroma = []
    for channel in (1, 2):
        strength = [abs(p[..., channel] - 0.5) for p in planes]
        mixed = sum(s * p[..., channel] for s, p in zip(strength, planes, strict=True))
        chroma.append(mixed / sum(strength))
    expected = cv2.cvtColor(np.dstack([luma, *chroma]).astype(np.float32), cv2.COLOR_YCrCb2RGB)
    fused = WeightedSum(colour="ycbcr")(exposures, weights)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(fused, expected, atol=1e-3)  # OpenCV rounds the coefficients


@pytest.mark.parametrize("blending", [WeightedSum, MultiBand])
def test_one_image_as_every_exposure_is_kept(blending: type) -> None:
    exposures, weights = pair()
    same = exposures[:, :1].expand(-1, 2, -1, -1, -1)
    assert_close(blending(colour="ycbcr")(same, weights), same[:, 0], atol=1e-6, rtol=0)


def test_gray_exposures_stay_gray_and_blend_as_in_rgb() -> None:
    exposures, weights = pair()
    gray = exposures[:, :, :1].expand(-1, -1, 3, -1, -1)
    assert_close(WeightedSum(colour="ycbcr")(gray, weights), weighted_sum(gray, weights), atol=1e-6, rtol=0)


def test_ycbcr_is_differentiable_in_the_weights() -> None:
    exposures, weights = pair()
    logits = weights.log().requires_grad_()
    MultiBand(colour="ycbcr")(exposures, logits.softmax(1)).square().sum().backward()
    assert logits.grad is not None and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0


def test_unknown_colours_are_refused() -> None:
    with pytest.raises(InputError, match=r"rgb or ycbcr or matched\. Got 'lab'"):
        MultiBand(colour="lab")
