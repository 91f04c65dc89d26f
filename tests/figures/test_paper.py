import torch

from hdr_lightning.figures.paper import adaptive_weights, gamma_maps
from hdr_lightning.figures.scene import LoadedScene
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.networks.method import resolve

SIX = ["var", "grad", "wellexp", "var_grad", "var_wellexp", "grad_wellexp"]


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
