import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hdr_lightning.errors import InputError
from hdr_lightning.figures.networks import networks_of
from hdr_lightning.figures.paper import adaptive_weights, fused_by, gamma_maps
from hdr_lightning.figures.scene import LoadedScene, read_scene
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.networks.method import resolve
from hdr_lightning.training.experiment import run

SIX = ["var", "grad", "wellexp", "var_grad", "var_wellexp", "grad_wellexp"]


@pytest.fixture
def scene() -> LoadedScene:
    dark = torch.rand(3, 48, 64, generator=torch.Generator().manual_seed(0)) / 2
    return LoadedScene("s", torch.stack([dark, (2 * dark).clamp(max=1)]))


def test_adaptive_weights_are_those_of_the_methods(scene: LoadedScene) -> None:
    exposures, fused = adaptive_weights(scene, "weighted_sum")
    assert [panel.caption for panel in exposures] == ["under-exposed", "over-exposed"]
    for panel, name in zip(fused, ("adaptive", "adaptive:first", "adaptive:second"), strict=True):
        image = resolve(f"{name}+weighted_sum")(scene.exposures[None]).image
        torch.testing.assert_close(panel.image, image[0])
        assert panel.caption.endswith(f"MEF-SSIM {mef_ssim(image, scene.exposures[None]).item():.4f}")


def test_gamma_maps_show_all_six_kinds_for_every_exposure(scene: LoadedScene) -> None:
    under, over = gamma_maps(scene)
    assert [panel.caption for panel in under] == ["under-exposed", *SIX]
    assert [panel.caption for panel in over] == ["over-exposed", *SIX]
    for first, second in zip(under[1:], over[1:], strict=True):
        torch.testing.assert_close(first.image + second.image, torch.ones(1, 48, 64))
    # twice as bright is everywhere four times the variance, so eq. 4 trusts the brighter with 4/5
    inside = (scene.exposures[1] < 1).all(0)
    assert inside.all()
    torch.testing.assert_close(over[1].image, torch.full((1, 48, 64), 0.8), atol=1e-4, rtol=0)


@pytest.mark.slow
def test_networks_of_a_sweep_are_the_best_seed_of_each_setting(
    config: Callable[..., dict[str, Any]], tmp_path: Path, scene: LoadedScene
) -> None:
    best = {}
    for gamma in ("var", "grad"):
        for seed in (1, 2):
            folder = tmp_path / "sweep" / f"{gamma},{seed}"
            settings = config(f"loss.gamma={gamma}", f"seed={seed}", "trainer.max_epochs=1")
            best[gamma, seed] = run({**settings, "choices": {"loss.gamma": gamma}}, folder)
    networks = networks_of([tmp_path / "sweep"], None)
    assert list(networks) == ["grad", "var"]
    rows = fused_by(scene, networks)
    assert [len(row) for row in rows] == [2, 2]
    for panel, gamma in zip(rows[1], networks, strict=True):
        seed = max((1, 2), key=lambda seed: best[gamma, seed])
        checkpoint = tmp_path / "sweep" / f"{gamma},{seed}" / "checkpoints" / "best.ckpt"
        torch.testing.assert_close(panel.image, resolve(str(checkpoint))(scene.exposures[None]).image[0])


def test_runs_without_a_network_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("state: failed")
    with pytest.raises(InputError, match=re.escape("Expected runs with checkpoints/best.ckpt")):
        networks_of([tmp_path], None)


def test_any_scene_of_a_data_set(brackets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_LIGHTNING_CACHE", str(tmp_path / "cache"))
    scene = read_scene("folder", brackets, "scene_3", "pair")
    assert scene.exposures.shape == (2, 3, 64, 80)
    assert scene.exposures[0].mean() < scene.exposures[1].mean()
    assert read_scene("folder", brackets, None, "pair").name == "scene_0"
    with pytest.raises(InputError, match=r"--scene: Expected one of 8 scenes, as .*scene_.* Got scenes"):
        read_scene("folder", brackets, "scenes", "pair")
