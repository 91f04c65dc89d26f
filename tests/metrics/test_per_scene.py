"""Scores by scene, with one process and with two."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor
from torch.testing import assert_close

from hdr_lightning.metrics import MEFSSIM, mef_ssim


def batch_of(scenes: Sequence[int]) -> tuple[Tensor, Tensor, list[str]]:
    """Fused images, exposures and names of scenes, each with a score of its own."""
    generator = torch.Generator().manual_seed(0)
    dark = torch.rand(3, 44, 44, generator=generator, dtype=torch.float64) / 2
    exposures = torch.stack([dark, 2 * dark]).expand(len(scenes), -1, -1, -1, -1)
    noise = torch.stack([torch.full((3, 44, 44), 0.02 * scene) for scene in scenes])
    ramp = torch.linspace(0, 1, 44, dtype=torch.float64)
    fused = exposures.mean(dim=1) * (1 - noise) + noise * ramp
    return fused, exposures, [f"szene {scene} ü" for scene in scenes]


def test_metric_counts_a_repeated_scene_once() -> None:
    fused, exposures, names = batch_of([0, 1, 2])
    metric = MEFSSIM()
    metric.update(fused[:2], exposures[:2], names[:2])
    metric.update(fused[1:], exposures[1:], names[1:])
    expected = mef_ssim(fused, exposures)
    assert len(set(expected.tolist())) == 3
    assert_close(metric.compute(), expected.mean().float())
    assert metric.per_scene() == dict(zip(names, expected.float().tolist(), strict=True))


def test_metric_without_names_counts_every_image() -> None:
    fused, exposures, _ = batch_of([0, 1, 1])
    metric = MEFSSIM()
    metric.update(fused[:1], exposures[:1])
    metric.update(fused[1:], exposures[1:])
    assert_close(metric.compute(), mef_ssim(fused, exposures).mean().float())
    assert list(metric.per_scene()) == ["#0", "#1", "#2"]


def test_metric_forgets_between_epochs() -> None:
    fused, exposures, names = batch_of([0, 1])
    metric = MEFSSIM()
    metric.update(fused[:1], exposures[:1], names[:1])
    metric.compute()
    metric.reset()
    assert metric.per_scene() == {}
    metric.update(fused[1:], exposures[1:], names[1:])
    assert_close(metric.compute(), mef_ssim(fused, exposures)[1].float())


def test_metric_raises_on_missing_names() -> None:
    fused, exposures, _ = batch_of([0, 1])
    with pytest.raises(ValueError, match=r"Expected a scene name for each of 2 images\. Got 1"):
        MEFSSIM().update(fused, exposures, ["one"])


def score_on_rank(rank: int, shares: Sequence[Sequence[int]], folder: str) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=len(shares))
    warnings.simplefilter("ignore")  # torchmetrics warns of a process without data, which is the case tested
    metric = MEFSSIM()
    for scene in shares[rank]:
        metric.update(*batch_of([scene]))
    # per_scene before and after compute, which keeps what it gathered for itself
    tables = [metric.per_scene(), metric.compute().item(), metric.per_scene()]
    torch.save(tables, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.parametrize("shares", [([0, 2, 4], [1, 3, 0]), ([0, 1, 2], [])], ids=["repeated", "empty rank"])
def test_two_processes_equal_one(shares: tuple[list[int], list[int]], tmp_path: Path) -> None:
    scenes = sorted({scene for share in shares for scene in share})
    fused, exposures, names = batch_of(scenes)
    expected = mef_ssim(fused, exposures)
    mp.start_processes(score_on_rank, (shares, str(tmp_path)), nprocs=2, start_method="fork")
    for rank in (0, 1):
        before, mean, after = torch.load(tmp_path / f"{rank}.pt")
        assert before == after == pytest.approx(dict(zip(names, expected.tolist(), strict=True)))
        assert mean == pytest.approx(expected.mean().item())
