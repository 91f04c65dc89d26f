"""Optimizers and schedules from settings, against those of torch made by hand."""

import pytest
import torch
from torch import nn

from hdr_lightning.errors import InputError
from hdr_lightning.training.optimization import build_optimizer, build_schedule, parameter_groups, try_out

ADAM = {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.1}
PLATEAU = {
    "_target_": "torch.optim.lr_scheduler.ReduceLROnPlateau",
    "_partial_": True,
    "patience": 0,
    "monitor": "val/mef_ssim",
    "frequency": 2,
}


@pytest.fixture
def network() -> nn.Module:
    return nn.ModuleDict({"encoder": nn.Linear(2, 2), "head": nn.Linear(2, 1)})


def test_groups_take_the_first_pattern_that_fits(network: nn.Module) -> None:
    groups = parameter_groups(network, {"encoder.*": {"lr": 0.01}, "*.bias": {"weight_decay": 0.0}})
    assert [group["name"] for group in groups] == ["others", "encoder.*", "*.bias"]
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    found = [{names[id(parameter)] for parameter in group["params"]} for group in groups]
    assert found == [{"head.weight"}, {"encoder.weight", "encoder.bias"}, {"head.bias"}]


def test_groups_learn_at_rates_of_their_own(network: nn.Module) -> None:
    optimizer = build_optimizer({**ADAM, "groups": {"head.*": {"lr": 0.0}}})(network)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    sum(value.sum() for value in network.parameters()).backward()  # type: ignore[union-attr]
    optimizer.step()
    for name, value in network.state_dict().items():
        moved = (before[name] - value).abs().amax().item()
        assert moved == pytest.approx(0.0 if name.startswith("head") else 0.1, abs=1e-6)


def test_pattern_that_fits_nothing_and_unknown_setting_are_told(network: nn.Module) -> None:
    with pytest.raises(InputError, match=r"optimizer\.groups: .*Got encoderr\.weight.*did you mean encoder"):
        parameter_groups(network, {"encoderr.weight": {"lr": 1.0}})
    with pytest.raises(InputError, match=r"optimizer\.groups\.head\.\*\.lrr: .*did you mean lr\?"):
        build_optimizer({**ADAM, "groups": {"head.*": {"lrr": 1.0}}})


def test_schedule_tells_lightning_when_to_step(network: nn.Module) -> None:
    schedule = build_schedule(PLATEAU)
    assert schedule is not None
    made = schedule.of(torch.optim.SGD(network.parameters(), lr=1.0))
    assert isinstance(made.pop("scheduler"), torch.optim.lr_scheduler.ReduceLROnPlateau)
    assert made == {"interval": "epoch", "frequency": 2, "monitor": "val/mef_ssim"}
    assert build_schedule({}) is None


@pytest.mark.parametrize(("key", "value"), [("frequency", 2), ("monitor", "val/mef_ssim")])
def test_schedule_of_steps_counts_every_one(key: str, value: object) -> None:
    settings = {**PLATEAU, "monitor": None, "frequency": 1, "interval": "step", key: value}
    with pytest.raises(InputError, match=rf"scheduler\.{key}: Expected .*interval=step.* Got {value}"):
        build_schedule(settings)


def test_what_they_refuse_is_told_by_the_key(network: nn.Module) -> None:
    with pytest.raises(InputError, match="optimizer: Expected settings that it accepts"):
        try_out(network, build_optimizer({**ADAM, "lr": -1}), None)
    with pytest.raises(InputError, match="scheduler: Expected settings that it accepts"):
        try_out(network, build_optimizer(ADAM), build_schedule({**PLATEAU, "factor": 2.0}))
