"""A loss or a gradient that is not finite, in whole runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from PIL import Image
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.losses import WeightedSSIMLoss
from hdr_lightning.training.experiment import run

Config = Callable[..., dict[str, Any]]
plain = WeightedSSIMLoss.forward


def black(exposures: Tensor) -> Tensor:
    return (exposures.amax((1, 2, 3, 4)) == 0).any()


def nan_of_black(self: WeightedSSIMLoss, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
    terms = plain(self, fused, exposures)
    return terms | {"loss": terms["loss"] * torch.where(black(exposures), torch.nan, 1.0)}


def steep_where_black(self: WeightedSSIMLoss, fused: Tensor, exposures: Tensor) -> dict[str, Tensor]:
    """As a root of zero: its value is finite, its slope is not."""
    terms = plain(self, fused, exposures)
    zero = (fused.sum() * 0).abs()
    return terms | {"loss": terms["loss"] + (zero.sqrt() if black(exposures) else zero)}


@pytest.mark.slow
@pytest.mark.parametrize("accumulated", [1, 3])
@pytest.mark.parametrize(("forward", "what"), [(nan_of_black, "loss"), (steep_where_black, "gradient")])
def test_patch_is_named_and_the_state_before_it_is_kept(
    forward: Any,
    what: str,
    accumulated: int,
    config: Config,
    brackets: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = tmp_path / "whole"
    for name in ("1.png", "2.png"):
        Image.new("RGB", (80, 64)).save(brackets / "scene_3" / name)
    settings = ("data.patches_per_epoch=24", "data.batch_size=2", "optimizer=sgd", "data.augment=true")
    settings += (f"trainer.accumulate_grad_batches={accumulated}",)
    run(config(*settings), whole)
    with monkeypatch.context() as patch:
        patch.setattr(WeightedSSIMLoss, "forward", forward)
        with pytest.raises(
            InputError,
            match=rf"a finite {what} at step \d+ of epoch 0. Got another from scene_3\[\d+,\d+\]\. ",
        ) as met:
            run(config(*settings), tmp_path / "run")
    record = yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())
    assert record["state"] == "failed" and "scene_3[" in record["reason"]

    kept = torch.load(tmp_path / "run" / "checkpoints" / "not_finite_0.pt", weights_only=True)
    culprits = [
        name for name, patch in zip(kept["names"], kept["exposures"], strict=True) if patch.max() == 0
    ]
    assert len(kept["names"]) == 2 and culprits and all(name in str(met.value) for name in culprits)

    last = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert all(value.isfinite().all() for value in last["state_dict"].values())
    assert f"at step {last['global_step']} " in str(met.value)
    run(
        config(*settings, "resume=true"), tmp_path / "run"
    )  # with the loss mended, from just before that step
    end, other = (
        torch.load(f / "checkpoints" / "last.ckpt", weights_only=True) for f in (whole, tmp_path / "run")
    )
    for name, value in end["state_dict"].items():
        torch.testing.assert_close(other["state_dict"][name], value, rtol=0, atol=0)
    means = [end["callbacks"]["History"]["rows"], other["callbacks"]["History"]["rows"]]
    assert [row["train/loss"] for row in means[1]] == pytest.approx([row["train/loss"] for row in means[0]])
