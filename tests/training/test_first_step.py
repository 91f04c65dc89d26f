"""What does not go together is told before any photograph is decoded, and the trial leaves no trace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hdr_lightning.errors import InputError
from hdr_lightning.training.assembly import build_datamodule, build_module
from hdr_lightning.training.experiment import run
from hdr_lightning.training.first_step import try_first_step

Config = Callable[..., dict[str, Any]]
BRIGHTNESS = ("loss=bracket", "loss.structure=0", "loss.mix=1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("loss=mef_ssim", "data.patch_size=30"), r"data\.patch_size=30 with 2 exposures: .* at least 44"),
        (("data.patch_size=8",), r"data\.patch_size=8 with 2 exposures: .* at least 11"),
        (("model.inputs=stacked", "model.exposures=3"), r"with 2 exposures: Expected 3 exposures"),
        (("loss=bracket", "loss.mix=1", "data.exposures=stack"), r"loss\.mix: .* Got one map"),
        (("model=bandnet", "blending=multiband", *BRIGHTNESS), r"data\.exposures: .* Got pairs alone"),
        (("data.tone_jitter=2",), r"data\.tone_jitter between 0 and 1"),
        (("data.most_exposures=1",), r"data\.most_exposures of at least 2"),
        (("data.whole_scenes=0.5", "data.patches=grid"), r"data\.patches=random"),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_is_decoded(
    words: tuple[str, ...], message: str, config: Config, brackets: Path, tmp_path: Path
) -> None:
    if "data.exposures=stack" in words:
        for folder in brackets.iterdir():
            (folder / "3.png").write_bytes((folder / "2.png").read_bytes())
    with pytest.raises(InputError, match=message):
        run(config(*words), tmp_path / "run")
    assert not (tmp_path / "cache").exists()


def test_trial_leaves_everything_as_it_was(config: Config) -> None:
    settings = config()
    module, datamodule = build_module(settings), build_datamodule(settings)
    module.fusion.fuser.eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    assert any("running_mean" in name for name in before)
    chance, modes = torch.get_rng_state(), [part.training for part in module.modules()]
    try_first_step(module, datamodule)
    torch.testing.assert_close(module.state_dict(), before, rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), chance)
    assert [part.training for part in module.modules()] == modes


@pytest.mark.parametrize(
    ("words", "name"),
    [(("callbacks=early_stopping",), "EarlyStopping"), (("scheduler=plateau",), "scheduler")],
)
def test_score_that_no_scene_gives_is_not_waited_for(
    words: tuple[str, ...], name: str, config: Config, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=f"scenes to validate on, for {name} looks at val/mef_ssim"):
        run(config(*words, "data.val_fraction=0"), tmp_path / "run")
    assert not (tmp_path / "cache").exists()


def test_unknown_score_is_told_in_one_line(config: Config, tmp_path: Path) -> None:
    words = ["callbacks=early_stopping", "callbacks.early_stopping.monitor=val/mefssim"]
    with pytest.raises(InputError, match=r"Expected a score to look at .*val/mefssim.* not available"):
        run(config(*words), tmp_path / "run")
