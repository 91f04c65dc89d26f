"""What BandNet sees of a band, against the R of MEF-SSIM and against images of which the answer is known."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.fusers.band_cues import CUES, agreement_of, contrast_of, cues_of, success_of


def stripes(*contrasts: float, side: int = 33) -> torch.Tensor:
    """An exposure (1, K, 1, side, side) of noise for each contrast, all of one structure."""
    noise = torch.randn(side, side, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return 0.5 + torch.tensor(contrasts).view(1, -1, 1, 1, 1) * noise


def test_contrast_is_the_variance_of_a_window_of_eleven_pixels() -> None:
    gray = stripes(0.1)
    window = gray[0, 0, 0, 9:20, 3:14].numpy()
    assert contrast_of(gray)[0, 0, 0, 14, 8].item() == pytest.approx(np.var(window), rel=1e-6)
    assert torch.equal(contrast_of(gray[..., :1, :]), torch.zeros_like(gray[..., :1, :]))


def test_exposures_agree_where_their_structures_do() -> None:
    same, against = stripes(0.1, 0.2), stripes(0.1, -0.1)
    assert_close(agreement_of(same, contrast_of(same)).mean().item(), 1.0, rtol=0, atol=0.02)
    assert agreement_of(against, contrast_of(against)).max() < 0.1


def test_a_preview_succeeds_by_the_contrast_of_the_strongest_and_the_structure_of_each() -> None:
    gray = stripes(0.2, -0.2)
    strength, similarity = success_of(gray[:, :1], gray, contrast_of(gray))
    assert_close(strength, torch.zeros_like(gray))
    assert_close(similarity[:, 0], torch.ones_like(gray[:, 0]), rtol=0, atol=0.02)
    assert similarity[:, 1].max() < -0.9
    weak, _ = success_of(0.5 + (gray[:, :1] - 0.5) / 4, gray, contrast_of(gray))
    assert weak.max() < -2  # a sixteenth of the variance


def test_cues_are_around_zero() -> None:
    gray = stripes(0.1, 0.1)
    contrast = contrast_of(gray)
    cues = cues_of(gray, torch.full_like(gray, 0.5), contrast, agreement_of(gray, contrast))
    assert len(cues) == CUES
    for cue in cues:
        assert cue.shape == gray.shape
        assert cue.mean().abs() < 0.6
