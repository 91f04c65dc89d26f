"""Results as pictures, with gain maps and as light: what a reader finds in them."""

import io
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import OpenEXR
import pytest
import skimage.data
import torch
from PIL import Image
from PIL.ExifTags import IFD, Base

from hdr_lightning.brackets.bracket import FusedBracket, fuse_bracket
from hdr_lightning.brackets.delivery import Delivery, deliver, measure
from hdr_lightning.brackets.exposures import read_exposures
from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.metadata import Metadata
from hdr_lightning.networks.method import resolve
from hdr_lightning.radiance.gain_map import OFFSET, scaled_to
from hdr_lightning.radiance.response import decode, encode

LIGHT = (skimage.data.astronaut()[:256, 100:400] / 255.0) ** 2.2 * np.geomspace(0.02, 1, 300)[:, None]
TIMES = (1 / 500, 1 / 100, 1 / 20)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A bracket of 4.6 stops as a camera would write it, the middle one first."""
    folder = tmp_path_factory.mktemp("bracket")
    light = torch.from_numpy(LIGHT)
    for name, time in zip(("b", "a", "c"), (TIMES[1], TIMES[0], TIMES[2]), strict=True):
        exif = Image.Exif()
        exif[IFD.Exif] = {Base.ExposureTime: time, Base.ISOSpeedRatings: 100}
        pixels = (255 * encode((light * time / TIMES[0]).clamp(0, 1))).round().byte().numpy()
        Image.fromarray(pixels).save(folder / f"{name}.png", exif=exif)
    return [folder / f"{name}.png" for name in ("b", "a", "c")]


@pytest.fixture(scope="module")
def fused(files: list[Path]) -> FusedBracket:
    return fuse_bracket(read_exposures(files).photographs, resolve("mertens"), [str(file) for file in files])


def stops_apart(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Of light to its first hundredth, apart from a common factor."""
    floor = 0.01 * np.median(expected)
    apart = np.log2(found + floor * np.median(found) / np.median(expected)) - np.log2(expected + floor)
    return np.abs(apart - np.median(apart))


def test_light_is_that_of_the_scene(fused: FusedBracket, files: list[Path]) -> None:
    light, exposures = measure(fused, files)
    assert exposures.log2().tolist() == pytest.approx([0, np.log2(5), np.log2(25)])
    assert float(stops_apart(light.permute(1, 2, 0).numpy(), LIGHT).mean()) < 0.02
    np.testing.assert_allclose(np.median(light), np.median(LIGHT) * 5, rtol=0.02)


@pytest.mark.parametrize("suffix", [".exr", ".hdr"])
def test_files_of_light(suffix: str, fused: FusedBracket, files: list[Path], tmp_path: Path) -> None:
    path = tmp_path / f"light{suffix}"
    path.write_bytes(deliver(fused, files, Metadata(), Delivery(suffix)))
    if suffix == ".exr":
        file = OpenEXR.File(str(path))
        assert file.header()["comments"] == "exposure values +0.00, +2.32, +4.64"
        found = file.channels()["RGB"].pixels.astype(np.float32)
    else:
        found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]
    expected = measure(fused, files).light.permute(1, 2, 0).numpy()
    assert stops_apart(found, expected).mean() < (0.001 if suffix == ".exr" else 0.01)


def test_gain_map_leads_to_the_light(fused: FusedBracket, files: list[Path]) -> None:
    """By libultrahdr, to 2 % in the mean, the error of coding; the base alone is the plain file."""
    encoded = deliver(fused, files, Metadata(), Delivery(".jpg", headroom=8))
    shown = imagecodecs.ultrahdr_decode(encoded, boost=2.0**16)[..., :3].astype(np.float64)
    plain = deliver(fused, files, Metadata(), Delivery(".jpg"))
    base, alone = (np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) for content in (encoded, plain))
    np.testing.assert_array_equal(base, alone)
    white = decode(torch.from_numpy(base.copy()).permute(2, 0, 1) / 255)
    expected = scaled_to(white, measure(fused, files).light).permute(1, 2, 0).numpy()
    apart = np.abs(np.log2((shown + OFFSET) / (expected + OFFSET)))
    assert apart.mean() < 0.03 and np.quantile(apart, 0.99) < 0.1


def test_headroom_is_that_of_the_scene_or_of_the_option(fused: FusedBracket, files: list[Path]) -> None:
    peaks = {}
    for headroom in (1.0, 3.0, 12.0):
        encoded = deliver(fused, files, Metadata(), Delivery(".jpg", headroom=headroom))
        peaks[headroom] = np.log2(imagecodecs.ultrahdr_decode(encoded, boost=2.0**16)[..., :3].max())
    assert peaks[1.0] == pytest.approx(1, abs=0.2)
    assert 1.5 < peaks[12.0] < 6 and peaks[1.0] < peaks[3.0] <= peaks[12.0] + 0.1


def test_base_of_other_colours_becomes_srgb(fused: FusedBracket, files: list[Path]) -> None:
    for icc, kept in ((profiles.adobe_rgb(), b""), (profiles.by_number(12), profiles.by_number(12))):
        encoded = deliver(fused, files, Metadata(icc=icc), Delivery(".jpg", headroom=4))
        with Image.open(io.BytesIO(encoded)) as picture:
            assert picture.info.get("icc_profile", b"") == kept
            if not kept:
                pixels = (fused.image.permute(1, 2, 0).numpy() * 65535).round().astype(np.uint16)
                expected = profiles.convert(pixels, icc, b"") / 257
                assert np.abs(np.asarray(picture.convert("RGB")) - expected).mean() < 2


@pytest.mark.parametrize(
    ("how", "photographs", "message"),
    [
        (Delivery(".png", headroom=4), 3, "Expected JPEG for a gain map"),
        (Delivery(".jpg", headroom=4), 1, "single photograph for NAME"),
        (Delivery(".exr"), 1, "single photograph for NAME"),
        (Delivery(".avif", bits=16), 3, r"PNG or TIFF for 16 bits. Got NAME"),
    ],
)
def test_what_cannot_be_delivered(how: Delivery, photographs: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        how.check(photographs, "NAME")
