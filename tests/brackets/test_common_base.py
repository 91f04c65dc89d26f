"""Brackets of one panorama, which overlap: a place is as bright in one picture as in its neighbour."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hdr_lightning.commands.fuse import main
from hdr_lightning.imaging.reading import read_image

WIDTH, STEP = 300, 150


def panorama() -> np.ndarray:
    """Linear light (180, 750, 3), of which some parts are far brighter than others."""
    random = np.random.default_rng(1)
    noise = random.normal(size=(180, 750, 1))
    fields = [s * cv2.GaussianBlur(noise, (0, 0), s) for s in (45, 12, 3, 1.5)]
    total = 1.5 * fields[0] + fields[1] + 0.6 * fields[2] + 0.4 * fields[3]
    light = np.exp(total / total.std() + 1.6 * np.sin(2.2 * np.pi * np.linspace(0, 1, 750)))
    return light[..., None] * [1.0, 0.9, 0.75]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, light = tmp_path_factory.mktemp("frames"), panorama()
    for left in range(0, 750 - WIDTH + 1, STEP):
        (folder / f"{left:03d}").mkdir()
        for place, stops in enumerate((-3, 0, 3)):
            code = np.clip(0.25 * light[:, left : left + WIDTH] * 2.0**stops, 0, 1) ** (1 / 2.2)
            pixels = (255 * code).round().astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{left:03d}" / f"{place}.png")
    return folder


def apart(folder: Path) -> float:
    """Mean difference of neighbours where they overlap, in levels."""
    pictures = [read_image(file).astype(float) for file in sorted(folder.iterdir())]
    assert len(pictures) == 4
    return float(np.mean([np.abs(a[:, STEP:] - b[:, : WIDTH - STEP]).mean() for a, b in pairwise(pictures)]))


@pytest.mark.parametrize("method", [pytest.param("bandnet", marks=pytest.mark.slow), "mertens"])
def test_overlaps_of_neighbours_agree(frames: Path, tmp_path: Path, method: str) -> None:
    words = [str(frames), "--method", method, "--align", "never", "--deghost", "off"]
    main([*words, "-o", str(tmp_path / "plain")])
    main([*words, "-o", str(tmp_path / "same"), "--same-base"])
    assert apart(tmp_path / "plain") > 7
    assert apart(tmp_path / "same") < 2


def test_second_run_has_the_base_of_the_first(frames: Path, tmp_path: Path) -> None:
    words = [str(frames), "-o", str(tmp_path / "out"), "--method", "average", "--same-base"]
    main(words)
    before = {file: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "150.png").unlink()
    main(words)
    assert {file: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_common_base_goes_around_too(tmp_path: Path) -> None:
    """Wherever two panoramas of 360 degrees are cut, to the last bit."""
    light, share = panorama()[:60], np.linspace(0, 1, 150)[:, None]
    light[:, 600:] += share * (light[:, :150] - light[:, 600:])  # so that it goes around
    light = light[:, 150:]
    for cut in (0, 400):
        for name, gain in (("a", 1.0), ("b", 0.5)):
            folder = tmp_path / str(cut) / name
            folder.mkdir(parents=True)
            for place, stops in enumerate((-3, 0, 3)):
                code = np.clip(0.25 * gain * light * 2.0**stops, 0, 1) ** (1 / 2.2)
                pixels = np.roll((255 * code).round().astype(np.uint8), -cut, axis=1)
                Image.fromarray(pixels).save(folder / f"{place}.png")
        words = ["-o", str(tmp_path / f"out{cut}"), "--method", "mertens", "--deghost", "off", "--same-base"]
        main([str(tmp_path / str(cut)), *words, "--wrap"])
    for name in ("a.png", "b.png"):
        one, other = (read_image(tmp_path / f"out{cut}" / name).astype(int) for cut in (0, 400))
        np.testing.assert_array_equal(np.roll(one, -400, axis=1), other)
