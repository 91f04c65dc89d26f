import pytest
import torch
from torch.testing import assert_close
from torchmetrics import MetricTracker

from hdr_lightning.errors import InputError
from hdr_lightning.metrics.registry import METRICS, SceneScore, scores


def stack():
    exposures = torch.rand(2, 3, 3, 48, 50, generator=torch.Generator().manual_seed(0))
    return exposures.mean(1), exposures


def compared(name):
    """Fused images, and what the metric compares them with."""
    fused, exposures = stack()
    return fused, exposures if METRICS[name].against == "exposures" else exposures[:, 0]


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_scores_each_image_on_its_own(name):
    fused, other = compared(name)
    found = METRICS[name].function(fused, other)
    assert found.shape == (2,)
    assert found.isfinite().all()
    alone = [METRICS[name].function(fused[i : i + 1], other[i : i + 1]) for i in range(2)]
    assert_close(found, torch.cat(alone), atol=1e-5, rtol=0)


def worth(name, found):
    """The score turned so that higher is better."""
    target = {"one": 1, "zero": 0}.get(METRICS[name].better)
    if target is not None:
        return -(found - target).abs()
    return -found if METRICS[name].better == "lower" else found


@pytest.mark.parametrize("name", [name for name, info in METRICS.items() if info.better != "neither"])
def test_better_means_better_than_a_gray_card_or_a_white_one(name):
    fused, other = compared(name)
    card = (
        torch.ones_like(fused)
        if name in ("clipped", "brightness_difference")
        else torch.full_like(fused, 0.5)
    )
    score = METRICS[name].function
    assert (worth(name, score(fused, other)) > worth(name, score(card, other))).all()


@pytest.mark.parametrize("name", ["mef_ssim_c", "clipped", "psnr"])
def test_class_counts_a_repeated_scene_once(name):
    fused, other = compared(name)
    metric = SceneScore(name)
    metric.update(fused, other, ["a", "b"])
    metric.update(fused[:1], other[:1], ["a"])
    expected = METRICS[name].function(fused, other).float()
    assert_close(metric.compute(), expected.mean())
    assert metric.per_scene() == {"a": expected[0].item(), "b": expected[1].item()}


def test_scores_without_a_reference_leave_out_what_needs_one():
    fused, exposures = (images[:1] for images in stack())
    without, beside = scores(fused, exposures), scores(fused, exposures, exposures[:, 0])
    needing = {name for name, info in METRICS.items() if info.against == "reference"}
    assert {name for name, value in without.items() if value is None} == needing
    assert None not in beside.values()
    assert beside["psnr"] == METRICS["psnr"].function(fused, exposures[:, 0]).item()


@pytest.mark.parametrize(
    ("name", "better"),
    [("mef_ssim", True), ("vif", True), ("clipped", False), ("brightness", None), ("dynamic_range", None)],
)
def test_each_metric_says_which_way_is_better(name, better):
    assert SceneScore(name).higher_is_better is better


def test_tracker_of_torchmetrics_finds_the_best_epoch_of_either_direction():
    fused, exposures = stack()
    tracker = MetricTracker(SceneScore("clipped"))
    for image in (torch.ones_like(fused), fused, torch.zeros_like(fused)):
        tracker.increment()
        tracker.update(image, exposures)
    assert tracker.best_metric(return_step=True) == (0.0, 1)


def test_images_that_cannot_be_scored_leave_nothing_behind():
    fused, exposures = stack()
    metric = SceneScore("mef_ssim")
    with pytest.raises(InputError):
        metric.update(255 * fused, exposures, ["a", "b"])
    metric.update(fused, exposures, ["c", "d"])
    assert list(metric.per_scene()) == ["c", "d"]
