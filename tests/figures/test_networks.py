import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hdr_lightning.errors import InputError
from hdr_lightning.figures.networks import networks_of
from hdr_lightning.figures.paper import fused_by
from hdr_lightning.figures.scene import LoadedScene
from hdr_lightning.networks.method import resolve
from hdr_lightning.training.experiment import run


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
