"""What a second look has not to do again, and what it has."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from hdr_lightning.brackets.bracket import fuse_agreed, fuse_bracket
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.fusers import Variance
from hdr_lightning.fusion.deghost import Deghost
from hdr_lightning.networks.method import resolve
from hdr_lightning.studio.remembered import RememberedSteps


class Counting(Variance):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, exposures: torch.Tensor) -> torch.Tensor:
        self.count += 1
        return super().forward(exposures)


def test_steps_are_those_of_a_fusion(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, level in (("1.png", 90), ("2.png", 250)):
        Image.fromarray(random.integers(0, level, (40, 60, 3), dtype=np.uint8)).save(tmp_path / name)
    files, steps, counting = [tmp_path / "1.png", tmp_path / "2.png"], RememberedSteps(), Counting()
    names = [str(file) for file in files]

    def look(deghost: Deghost | None, key: str = "variance") -> torch.Tensor:
        photographs = steps.read(files, None).photographs
        agreed = steps.together(photographs, deghost, names, "never", None, False)
        fusion = resolve("variance")
        fusion.fuser = steps.weighing(counting, key)
        return fuse_agreed(agreed, fusion, weights=True).image

    expected = fuse_bracket(read_exposures(files).photographs, resolve("variance"), names, "never").image
    for _ in range(2):
        torch.testing.assert_close(look(None), expected, atol=1e-5, rtol=0)
    assert counting.count == 1
    look(Deghost())
    look(Deghost(), "another")
    assert counting.count == 3
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(files[0])
    assert (look(None) != expected).any() and counting.count == 4


def test_preview_is_weighed_as_the_whole_photograph() -> None:
    class Told(Variance):
        def reduced_from(self, pixels: int) -> Variance:
            return Variance(window=pixels)

    fuser = RememberedSteps().weighing(Told(), "variance")
    assert fuser.reduced_from(3).fuser.window == 3 and fuser.fuser.window == 11
