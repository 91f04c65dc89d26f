"""The benchmarks still run, on next to nothing; what they measure is checked by themselves."""

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import gammas, long_brackets, moving, noise, opinions
from hdr_lightning.levels import to_pixels

SMALL = {
    "startup": ["--rounds", "1", "--only", "hdr-fuse --help"],
    "kornia_parts": ["--rounds", "1"],
    "losses": ["--rounds", "1", "--only", "MEF-SSIM, 128 x 128, patch by patch"],
    "fusion": ["--rounds", "1", "--megapixels", "0.1", "--exposures", "3"],
    "options": ["--rounds", "1", "--megapixels", "0.05"],
    "deghost": ["--rounds", "1", "--megapixels", "0.1"],
    "data": ["--rounds", "1", "--megapixels", "0.2", "--width", "0.0625", "--patch", "32", "--batch", "2"],
    "scale": ["--gigabytes", "0.001", "--megapixels", "0.05", "--steps", "8"],
    "step": ["--steps", "4", "model.width=0.0625", "data.patch_size=32", "data.batch_size=2"],
    "switches": [
        *("--rounds", "1", "--width", "0.0625", "--patch", "32", "--batch", "2"),
        *("--only", "as shipped", "compute.gradient_checkpointing=true", "trainer.precision=bf16-mixed"),
    ],
    "inference": ["--megapixels", "0.05", "--widths", "0.0625", "--tile", "64"],
}


@pytest.fixture
def benchmark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A benchmark that does in this process what it would do in processes of its own."""
    module = import_module(f"benchmarks.{request.param}")

    def here(_: str, *words: str) -> object:
        printed: list[str] = []
        with monkeypatch.context() as context:
            context.setattr("builtins.print", lambda text, **_: printed.append(str(text)))
            module.main(list(words))
        return json.loads(printed[-1])

    monkeypatch.setattr(module, "alone", here, raising=False)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", SMALL, indirect=True)
def test_benchmark_prints_its_table(
    benchmark: ModuleType, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    words = SMALL[request.node.callspec.params["benchmark"]]
    benchmark.main(words)
    assert "| --- |" in capsys.readouterr().out


def test_gammas_of_a_data_set_are_compared(brackets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gammas.main([str(brackets), "--layout", "folder", "--scenes", "2"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| `")]
    assert len(rows) == 6
    assert float(rows[0][1]) > 0.99  # raw var_grad is var


def test_opinions_are_compared_scene_by_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for method, gray in (("mertens", 100), ("other", 110)):
        for scene in range(3):
            file = tmp_path / "images" / method / f"{scene}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((4, 4, 3), gray + scene, np.uint8)).save(file)
    judge = tmp_path / "judge.py"
    judge.write_text("def judge(image):\n    return float(image.mean())\n")
    opinions.main([str(tmp_path), "--judge", str(judge)])
    assert "| other | 111.000 | +10.000 | +10.000 to +10.000 | 3 | 3 |" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"Expected --against out of mertens, other\. Got nobody"):
        opinions.main([str(tmp_path), "--judge", str(judge), "--against", "nobody"])
    with pytest.raises(SystemExit, match="Expected a file with the function judge"):
        opinions.main([str(tmp_path), "--judge", str(tmp_path / "no.py")])


@pytest.mark.slow
def test_moving_scenes_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(40, 120, (100, 150, 3)).repeat(2, 0).repeat(2, 1)
    dark, bright = noise.astype(np.uint8), (2 * noise).astype(np.uint8)
    bright[60:120, 60:120] = 250 - bright[60:120, 60:120]
    for name, pixels in (
        ("dynamic/one/a.png", bright),
        ("dynamic/one/b.png", dark),
        ("dynamic/two/a.png", bright),
        ("dynamic/two/b.png", dark),
        ("dynamic_published/one/Other.png", bright // 2 + dark // 2),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / name)
    table = tmp_path / "table.csv"
    moving.main([str(tmp_path / "dynamic"), str(tmp_path / "out"), "--table", str(table)])
    rows = [line.split(",") for line in table.read_text().splitlines()]
    assert rows[0] == ["scene", "no_deghosting", "ours", "Other"] and [row[0] for row in rows[1:]] == [
        "one",
        "two",
    ]
    assert float(rows[1][2]) > float(rows[1][1]) and rows[2][3] == ""
    assert "ours beside Other: above on 1, below on 0 of 1 scenes" in capsys.readouterr().out
    with Image.open(tmp_path / "out" / "side_by_side" / "one.jpg") as picture:
        assert picture.size == (3 * 300, 200)


def test_noise_of_the_mean_falls_with_the_root_of_the_exposures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        gray = Image.fromarray(np.full((64, 64, 3), 60 + 30 * number, np.uint8))
        gray.save(tmp_path / f"{number}.png")
    noise.main([str(tmp_path), "--methods", "average", "--sigma", "4"])
    line = capsys.readouterr().out.splitlines()[-1]
    added = [float(cell) for cell in line.strip("| ").split("|")[1:]]
    assert added == pytest.approx([4 / k**0.5 for k in (3, 4, 5)], rel=0.05)
    with pytest.raises(SystemExit, match="at least 5 exposures"):
        (tmp_path / "0.png").unlink()
        noise.main([str(tmp_path)])


def test_long_brackets_have_the_exposures_between(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bracket = torch.tensor([0.1, 0.2, 0.4, 0.8, 1.0]).view(5, 1, 1, 1).expand(5, 3, 44, 44)
    longer = long_brackets.between(bracket, 9)[:, 0, 0, 0]
    expected = [0.1, 0.1 * 2**0.5, 0.2, 0.2 * 2**0.5, 0.4, 0.4 * 2**0.5, 0.8, 0.8**0.5, 1.0]
    assert longer.tolist() == pytest.approx(expected, abs=0.51 / 255)
    for number, exposure in enumerate(bracket):
        Image.fromarray(to_pixels(exposure, 8)).save(tmp_path / f"{number}.png")
    long_brackets.main([str(tmp_path), "--methods", "average", "--counts", "3", "12"])
    assert "| average | 1.0000 | 1.0000 |" in capsys.readouterr().out
