import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.metrics.registry import METRICS, SceneScore


def stack():
    exposures = torch.rand(2, 3, 3, 48, 50, generator=torch.Generator().manual_seed(0))
    return exposures.mean(1), exposures


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_scores_each_image_on_its_own(name):
    fused, exposures = stack()
    scores = METRICS[name].function(fused, exposures)
    assert scores.shape == (2,)
    assert scores.isfinite().all()
    alone = [METRICS[name].function(fused[i : i + 1], exposures[i : i + 1]) for i in range(2)]
    assert_close(scores, torch.cat(alone), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", [name for name, info in METRICS.items() if info.better == "higher"])
def test_better_means_better_than_a_gray_card(name):
    fused, exposures = stack()
    card = torch.full_like(fused, 0.5)
    score = METRICS[name].function
    assert (score(fused, exposures) > score(card, exposures)).all()


@pytest.mark.parametrize("name", ["mef_ssim_c", "clipped"])
def test_class_counts_a_repeated_scene_once(name):
    fused, exposures = stack()
    metric = SceneScore(name)
    metric.update(fused, exposures, ["a", "b"])
    metric.update(fused[:1], exposures[:1], ["a"])
    expected = METRICS[name].function(fused, exposures).float()
    assert_close(metric.compute(), expected.mean())
    assert metric.per_scene() == {"a": expected[0].item(), "b": expected[1].item()}
