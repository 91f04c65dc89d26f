from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest
import skimage.data
from PIL import Image
from torch import Tensor

from hdr_lightning.blending import WeightedSum
from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.one_bracket import delivery_of, fuse_job, make, write
from hdr_lightning.brackets.options import PREVIEW, parse
from hdr_lightning.brackets.outputs import Job
from hdr_lightning.errors import InputError
from hdr_lightning.fusers import Average, Fuser
from hdr_lightning.fusion import Fusion
from hdr_lightning.networks.method import resolve


@pytest.fixture
def job(tmp_path: Path) -> Job:
    light = np.kron(np.random.default_rng(0).random((5, 8, 3)), np.ones((8, 8, 1)))
    for name, gain in (("1.png", 90), ("2.png", 250)):
        Image.fromarray((gain * light).astype(np.uint8)).save(tmp_path / name)
    bracket = Bracket("in", (tmp_path / "1.png", tmp_path / "2.png"), tmp_path)
    return Job(bracket, tmp_path / "out.png", ".png", tmp_path / "weights")


def test_result_weights_and_line(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    _, photographs, line = fuse_job(job, "average", resolve("average"), parse(["--align", "never"]))
    expected = (photographs[0].astype(int) + photographs[1]) / 2
    with Image.open(job.output) as picture:
        assert np.abs(np.asarray(picture) - expected).max() <= 0.5
    assert sorted(file.name for file in job.weights.iterdir()) == ["1_1.png", "2_2.png"]
    assert line.startswith(f"{job.output}: 64x40, 2 exposures, average, 0.0 % clipped, ")
    assert capsys.readouterr().out == f"{line}\n"


def test_number_of_the_reference_is_checked(job: Job) -> None:
    with pytest.raises(InputError, match=r"reference: Expected the number of one of 2 exposures\. Got 3"):
        make(job, "average", resolve("average"), parse(["--reference", "3"]))


def test_what_was_read_before_is_not_read_again(job: Job) -> None:
    from hdr_lightning.brackets.exposures import read_exposures

    sides = []

    def read(files: object, side: int | None) -> object:
        sides.append(side)
        return read_exposures(files, side)  # type: ignore[arg-type]

    make(job, "average", resolve("average"), parse(["--preview", "--align", "never"]), read)  # type: ignore[arg-type]
    assert sides == [PREVIEW]


def test_preview_is_weighed_as_the_whole_photograph(job: Job) -> None:
    class Told(Average):
        pixels: ClassVar[list[int]] = []

        def reduced_from(self, pixels: int) -> Self:
            self.pixels.append(pixels)
            return self

    for words in (["--preview"], []):
        make(job, "told", Fusion(Told(), WeightedSum()), parse(words))
    assert Told.pixels == [64 * 40]


def test_what_shows_another_scene_is_left_out_where_that_is_asked_for(tmp_path: Path) -> None:
    files = []
    for number, name in enumerate(("chelsea", "chelsea", "coffee")):
        pixels = getattr(skimage.data, name)()[:240, :360] // (number % 2 + 1)
        files.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(files[-1])
    odd = Job(Bracket("in", tuple(files)), tmp_path / "out.png", ".png", None)
    with pytest.raises(InputError, match=r"exposures of one scene\. Got .*2\.png"):
        make(odd, "average", resolve("average"), parse([]))
    with pytest.raises(InputError, match=r"exposures of one scene\. Got .*2\.png"):
        make(odd, "average", resolve("average"), parse(["--drop-unaligned", "--align", "never"]))
    with pytest.warns(UserWarning, match=r"2\.png does not match the other exposures: left out"):
        made = make(odd, "average", resolve("average"), parse(["--drop-unaligned"]))
    assert sorted(made.fused.sources) == [0, 1]


def test_headroom_is_for_hdr_alone(job: Job) -> None:
    assert delivery_of(job, parse(["--headroom", "3"]), 8).headroom is None
    assert delivery_of(job, parse(["--headroom", "3", "--hdr"]), 8).headroom == 3


def test_light_alone_is_not_fused(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    class Refusing(Fuser):
        def forward(self, exposures: Tensor) -> Tensor:
            raise AssertionError("nobody asked for a picture")

    light = replace(job, output=job.output.with_suffix(".hdr"), suffix=".hdr", weights=None)
    options = parse(["--align", "never"])
    _, _, line = fuse_job(light, "average", Fusion(Refusing(), WeightedSum()), options)
    assert line.startswith(f"{light.output}: 64x40, 2 exposures, linear light, ") and "clipped" not in line
    pictured = replace(light, output=job.output.with_name("b.hdr"))
    made = make(pictured, "average", resolve("average"), options)
    write(pictured, made, options)
    assert pictured.output.read_bytes() == light.output.read_bytes()
