from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from hdr_lightning.blending import WeightedSum
from hdr_lightning.data.patches import Batch
from hdr_lightning.fusers import Average
from hdr_lightning.fusion import Fusion
from hdr_lightning.metrics import mef_ssim
from hdr_lightning.training.module import FusionModule, ScoreModule
from hdr_lightning.training.optimization import Schedule


class Recording(nn.Module):
    """A loss that keeps what it was given."""

    needs_bracket = needs_weights = False

    def forward(self, *images: Tensor, **named: Tensor) -> dict[str, Tensor]:
        self.seen, self.named = images, named
        return {"loss": images[0].mean()}


def stack(count: int, scenes: int = 2) -> Tensor:
    return torch.rand(scenes, count, 3, 48, 50, generator=torch.Generator().manual_seed(count))


@pytest.fixture
def module() -> FusionModule:
    fuser = Average()
    fuser.bias = nn.Parameter(torch.zeros(1))  # something to train
    schedule = Schedule(lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), "step")
    fusion = Fusion(fuser, WeightedSum())
    return FusionModule(fusion, Recording(), lambda net: torch.optim.SGD(net.parameters(), 0.1), schedule, {})


def test_loss_gets_the_reference_and_the_bracket_that_it_needs(module: FusionModule) -> None:
    exposures, bracket, reference = stack(2), stack(3), stack(1)[:, 0]
    batch = Batch(exposures, ["a", "b"], 2, reference=reference, bracket=bracket)
    blended, _ = module.judge(batch)
    torch.testing.assert_close(blended, exposures.mean(dim=1))
    assert [image.shape[1] for image in module.loss.seen] == [3, 2, 3]  # blended, exposures, reference
    module.loss.needs_bracket = True
    module.judge(batch._replace(reference=None, bracket=None))
    assert module.loss.seen[2] is exposures and not module.loss.named


def test_loss_gets_the_weights_that_it_needs(module: FusionModule) -> None:
    exposures = stack(2)
    module.loss.needs_weights = True
    module.judge(Batch(exposures, ["a", "b"], 2))
    torch.testing.assert_close(module.loss.named["weights"], torch.full_like(exposures[:, :, :1], 0.5))


def test_share_of_a_rank_counts_by_its_patches(module: FusionModule, monkeypatch: pytest.MonkeyPatch) -> None:
    module._trainer = SimpleNamespace(world_size=2)  # type: ignore[assignment]
    monkeypatch.setattr(module, "log", lambda *_, **__: None)
    exposures = stack(2)
    found = module.training_step(Batch(exposures, ["a", "b"], total=3))
    # 2 of the 3 patches are here, and the mean is over 2 ranks
    torch.testing.assert_close(found["loss"], exposures.mean() * 2 * 2 / 3)
    assert found["terms"].keys() == {"loss", "clipped"}


def test_schedule_is_told_when_to_step(module: FusionModule) -> None:
    found = module.configure_optimizers()
    assert found["lr_scheduler"]["interval"] == "step"  # type: ignore[index, call-overload]


def test_scores_are_those_of_whole_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ScoreModule(Fusion(Average(), WeightedSum()))
    logged: dict[str, Tensor] = {}
    monkeypatch.setattr(module, "log", lambda name, value, **_: logged.update({name: value}))
    exposures = stack(2)
    for scene, name in enumerate(("a", "b")):
        module.validation_step(Batch(exposures[scene : scene + 1], [name], 1))
    module.on_validation_epoch_end()
    expected = mef_ssim(exposures.mean(dim=1), exposures)
    assert module.scores == pytest.approx({"a": expected[0].item(), "b": expected[1].item()})
    assert logged["val/mef_ssim"].item() == pytest.approx(expected.mean().item())
