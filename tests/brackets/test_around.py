"""Panoramas of 360 degrees: where the files are cut must not show."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning import fuse
from hdr_lightning.commands.fuse import main
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image


def panorama(width: int, height: int = 90, seed: int = 0) -> np.ndarray:
    """Linear light that goes around: sums of waves with whole numbers of periods, a sun, and fine detail."""
    random = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(width) / width
    rows = np.linspace(0, 1, height)[:, None]
    light = sum(
        random.normal() * np.cos(k * angle + 3 * random.random() + 4 * rows * random.random()) / k
        for k in (1, 2, 3, 5, 8, 13, 21)
    )
    distance = np.hypot(np.angle(np.exp(1j * (angle - 0.2))) * 60, 60 * (rows - 0.3))
    light = 1.5 * light + 4 * np.exp(-((distance / 14) ** 2)) + 0.2 * random.normal(size=(height, width))
    return np.exp(light)[..., None] * [1.0, 0.9, 0.8]


def stack(light: np.ndarray) -> list[np.ndarray]:
    return [
        (255 * np.clip(0.3 * light * 2.0**stops, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)
        for stops in (-3, 0, 3)
    ]


@pytest.mark.parametrize("width", [180, 231])
def test_rolled_panorama_gives_the_rolled_result(width: int) -> None:
    exposures = stack(panorama(width))
    expected = fuse(exposures, wrap=True).astype(int)
    for distance in (1, 50, width // 2):
        rolled = fuse([np.roll(image, distance, 1) for image in exposures], wrap=True)
        assert np.abs(rolled - np.roll(expected, distance, 1)).max() <= 1


@pytest.mark.parametrize("method", ["bandnet", "mertens"])
def test_edges_fit_as_if_there_were_none(method: str) -> None:
    """Near the edges the result is that of a panorama with more of itself on both sides."""
    exposures = stack(panorama(181))
    wide = fuse([np.concatenate([image] * 3, 1) for image in exposures], method)[:, 181:-181].astype(int)
    found, plain = (fuse(exposures, method, wrap=wrap).astype(int) for wrap in (True, False))
    edges = np.r_[-6:6]
    errors = [np.abs(image - wide)[:, edges].mean() for image in (found, plain)]
    jumps = [np.abs((image - wide)[:, 0] - (image - wide)[:, -1]).mean() for image in (found, plain)]
    assert errors[0] < 0.6 * errors[1] and jumps[0] < 0.25 * jumps[1]


def test_everything_that_is_written_goes_around(tmp_path: Path) -> None:
    exposures = stack(panorama(160, 60))
    for name, distance in (("a", 0), ("b", 70)):
        (tmp_path / name).mkdir()
        for place, image in enumerate(exposures):
            Image.fromarray(np.roll(image, distance, 1)).save(tmp_path / name / f"{place}.png")
        words = ["--wrap", "--method", "mertens", "--weights-out", str(tmp_path / f"{name}_weights")]
        main([str(tmp_path / name), "-o", str(tmp_path / f"{name}.png"), *words])
    for one in ("a.png", "a_weights/a/1_0.png"):
        other = one.replace("a.png", "b.png").replace("a_weights/a", "b_weights/b")
        pixels = read_image(tmp_path / one)
        assert pixels.shape == exposures[0].shape
        np.testing.assert_array_equal(np.roll(pixels, 70, 1), read_image(tmp_path / other))


def test_turned_exposures_give_what_unturned_ones_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exposures = stack(panorama(181))
    turned = [np.roll(image, step, 1) for image, step in zip(exposures, (5, 0, -9), strict=True)]
    wanted = fuse(exposures, "mertens", wrap=True)
    np.testing.assert_array_equal(fuse(turned, "mertens", wrap=True), wanted)
    assert np.abs(fuse(turned, "mertens", wrap=True, align="never").astype(int) - wanted).mean() > 3
    for place, image in enumerate(turned):
        Image.fromarray(image).save(tmp_path / f"{place}.png")
    words = [*(str(tmp_path / f"{place}.png") for place in range(3)), "--wrap", "--method", "mertens"]
    main([*words, "-o", str(tmp_path / "a.png")])
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), wanted)
    assert "aligned by up to 9.0 pixels" in capsys.readouterr().out
    main([*words, "-o", str(tmp_path / "b.png"), "--reference", "1"])
    np.testing.assert_array_equal(read_image(tmp_path / "b.png"), np.roll(wanted, 5, 1))


def test_opacity_turns_with_its_exposure() -> None:
    alpha = np.full((90, 181), 255, np.uint8)
    alpha[30:50, 60:100] = 0
    clear = [np.dstack([image, alpha]) for image in stack(panorama(181))]
    turned = [np.roll(image, step, 1) for image, step in zip(clear, (5, 0, -9), strict=True)]
    found, wanted = fuse(turned, "mertens", wrap=True), fuse(clear, "mertens", wrap=True)
    np.testing.assert_array_equal(found[..., 3], alpha)
    np.testing.assert_array_equal(found[alpha > 0], wanted[alpha > 0])


def test_what_does_not_go_around_is_refused() -> None:
    exposures = stack(panorama(120))
    with pytest.raises(InputError, match=r"wrap: Expected --align auto, .* Got always"):
        fuse(exposures, wrap=True, align="always")
    with pytest.raises(InputError, match=r"exposures of one size\. Got image 1 with 120 x 90"):
        fuse([*exposures, exposures[0][:, 1:]], wrap=True)
