"""Every kind of TIFF that tifffile writes, against the pixels it was written from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from torch.testing import assert_close

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import reading
from hdr_lightning.imaging.reading import read_header, read_picture

RNG = np.random.default_rng(0)
WORDS = RNG.integers(0, 65536, (40, 50, 3), dtype=np.uint16)
BYTES = (WORDS >> 8).astype(np.uint8)
PLANES = WORDS.transpose(2, 0, 1).copy()
CONSTANT = np.full((40, 50, 1), 30000, np.uint16)
PREMULTIPLIED = np.rint(WORDS * (30000 / 65535)).astype(np.uint16)
COLOURS = RNG.integers(0, 256, (3, 256), dtype=np.uint16) * 257


def gray(plane: np.ndarray) -> np.ndarray:
    return np.dstack([plane] * 3)


def most(code: int, value: int, kind: str = "H") -> list[tuple[Any, ...]]:
    return [(code, kind, 3, (value,) * 3, True)]


RGB: dict[str, Any] = {"photometric": "rgb"}
KINDS: dict[str, tuple[np.ndarray, dict[str, Any], np.ndarray]] = {
    **{
        f"{name} {pixels.dtype}": (pixels, {**RGB, "compression": name}, pixels)
        for name in ("lzw", "zlib", "zstd", "jpegxl", "packbits", "lzma", "lerc", "jpeg2000", "jpegxr", "png")
        for pixels in (BYTES, WORDS)
    },
    "webp": (BYTES, {**RGB, "compression": "webp"}, BYTES),
    "tiles": (WORDS, {**RGB, "tile": (16, 16)}, WORDS),
    "tiles, predictor": (WORDS, {**RGB, "tile": (16, 32), "compression": "zlib", "predictor": True}, WORDS),
    "planes": (PLANES, {**RGB, "planarconfig": "separate"}, WORDS),
    "planes, tiles": (PLANES, {**RGB, "planarconfig": "separate", "tile": (16, 16)}, WORDS),
    "strips": (WORDS, {**RGB, "rowsperstrip": 7}, WORDS),
    "BigTIFF": (WORDS, {**RGB, "bigtiff": True}, WORDS),
    "big endian": (WORDS, {**RGB, "byteorder": ">"}, WORDS),
    "gray 8": (BYTES[..., 0], {"photometric": "minisblack"}, gray(BYTES[..., 0])),
    "gray 16": (WORDS[..., 0], {"photometric": "minisblack"}, gray(WORDS[..., 0])),
    "white is zero 8": (BYTES[..., 0], {"photometric": "miniswhite"}, gray(255 - BYTES[..., 0])),
    "white is zero 16": (WORDS[..., 0], {"photometric": "miniswhite"}, gray(65535 - WORDS[..., 0])),
    "one bit": (
        BYTES[..., 0] > 99,
        {"photometric": "minisblack"},
        gray((BYTES[..., 0] > 99) * np.uint8(255)),
    ),
    "palette": (
        BYTES[..., 0],
        {"photometric": "palette", "colormap": COLOURS},
        np.moveaxis(COLOURS[:, BYTES[..., 0]] >> 8, 0, -1).astype(np.uint8),
    ),
    "CMYK 8": (np.dstack([BYTES, BYTES[..., :1] * 0]), {"photometric": "separated"}, 255 - BYTES),
    "CMYK 16": (np.dstack([WORDS, WORDS[..., :1] * 0]), {"photometric": "separated"}, 65535 - WORDS),
    "opacity": (np.dstack([WORDS, CONSTANT]), {**RGB, "extrasamples": ["unassalpha"]}, WORDS),
    "two extra samples": (
        np.dstack([WORDS, CONSTANT, CONSTANT]),
        {**RGB, "extrasamples": ["unspecified", "unspecified"]},
        WORDS,
    ),
    "float32": ((WORDS / 65535).astype(np.float32), RGB, WORDS),
    "float32, predictor": (
        (WORDS / 65535).astype(np.float32),
        {**RGB, "compression": "zlib", "predictor": 3},
        WORDS,
    ),
    "float64": (WORDS / 65535, RGB, WORDS),
    "floats to 65535": (WORDS.astype(np.float32), {**RGB, "extratags": most(341, 65535, "f")}, WORDS),
    "uint32": (WORDS.astype(np.uint32) * 65537, RGB, WORDS),
    "12 of 16 bits, SMaxSampleValue": (WORDS >> 4, {**RGB, "extratags": most(341, 4095)}, WORDS),
    "12 of 16 bits, MaxSampleValue": (WORDS >> 4, {**RGB, "extratags": most(281, 4095)}, WORDS),
    "12 bits": (WORDS >> 4, {**RGB, "bitspersample": 12}, WORDS),
    "a statistic": (WORDS, {**RGB, "extratags": most(281, 60123)}, WORDS),
}
ROUNDED = {"12 of 16 bits, SMaxSampleValue": 15, "12 of 16 bits, MaxSampleValue": 15, "12 bits": 15}


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_those_it_was_written_from(tmp_path: Path, kind: str) -> None:
    written, options, expected = KINDS[kind]
    tifffile.imwrite(tmp_path / "a.tif", written, **options)
    found = read_picture(tmp_path / "a.tif").pixels
    assert found.dtype == expected.dtype
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= ROUNDED.get(kind, 0)
    assert read_header(tmp_path / "a.tif") == (40, 50, 8 * expected.itemsize, 1)


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [
        ((WORDS / 65535).astype(np.float16), 33),
        ((WORDS >> 1).astype(np.int16), 1),
        (BYTES.astype(np.int8), None),
    ],
    ids=["float16", "int16", "int8"],
)
def test_shorter_types_keep_what_they_hold(
    tmp_path: Path, written: np.ndarray, tolerance: int | None
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", written, photometric="rgb")
    found = read_picture(tmp_path / "a.tif").pixels.astype(int)
    if tolerance is None:
        assert np.abs(found - np.clip(written.astype(float), 0, 127) * (65535 / 127)).max() <= 1
    else:
        assert np.abs(found - WORDS).max() <= tolerance


@pytest.mark.parametrize("deep", [True, False])
def test_premultiplied_colours_are_restored(tmp_path: Path, deep: bool) -> None:
    pixels = WORDS if deep else BYTES
    scale = 65535 if deep else 255
    alpha = RNG.integers(scale // 3, scale + 1, (40, 50, 1)).astype(pixels.dtype)
    stored = np.rint(pixels * (alpha / scale)).astype(pixels.dtype)
    tifffile.imwrite(
        tmp_path / "a.tif", np.dstack([stored, alpha]), photometric="rgb", extrasamples=["assocalpha"]
    )
    found = read_picture(tmp_path / "a.tif")
    assert np.abs(found.pixels.astype(int) - pixels).max() <= 2
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, alpha[..., 0])


@pytest.mark.parametrize("colours", ["jpeg", "ycbcr"])
def test_jpeg_inside_agrees_with_pillow(tmp_path: Path, colours: str) -> None:
    smooth = np.kron(BYTES[::8, ::10], np.ones((8, 10, 1), np.uint8))
    photometric = "rgb" if colours == "jpeg" else "ycbcr"
    tifffile.imwrite(tmp_path / "a.tif", smooth, photometric=photometric, compression="jpeg")
    with Image.open(tmp_path / "a.tif") as picture:
        expected = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(read_picture(tmp_path / "a.tif").pixels - expected).max() <= 2


def test_lab_agrees_with_littlecms_in_pillow(tmp_path: Path) -> None:
    light, red, yellow = np.full((8, 8), 50), np.full((8, 8), 20), np.full((8, 8), -30)
    deep = np.dstack([light * 65535 // 100, red * 256, yellow * 256]).astype(np.int64) % 65536
    tifffile.imwrite(tmp_path / "deep.tif", deep.astype(np.uint16), photometric="cielab")
    shallow = np.dstack([light * 255 // 100, red, yellow]).astype(np.int64) % 256
    tifffile.imwrite(tmp_path / "shallow.tif", shallow.astype(np.uint8), photometric="cielab")
    lab = Image.merge("LAB", [Image.new("L", (1, 1), value) for value in (127, 148, 98)])
    into = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    expected = np.asarray(ImageCms.applyTransform(lab, into))[0, 0].astype(int)
    for name in ("deep.tif", "shallow.tif"):
        pixels = read_picture(tmp_path / name).pixels[0, 0] / 257
        assert np.abs(pixels - expected).max() < 1.5


def test_further_pages_are_named_and_ignored(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(BYTES[:8, :10], photometric="rgb", subfiletype=1)
        writer.write(WORDS, photometric="rgb")
        writer.write(WORDS[::-1], photometric="rgb")
    with pytest.warns(UserWarning, match=r"a\.tif with 2 pages: the first is read"):
        np.testing.assert_array_equal(read_picture(tmp_path / "a.tif").pixels, WORDS)


def test_picture_in_full_size_may_lie_inside(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(BYTES[:8, :10], photometric="rgb", subfiletype=1, subifds=1)
        writer.write(WORDS, photometric="rgb")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif").pixels, WORDS)


def test_floats_above_one_are_clipped_or_refused(tmp_path: Path) -> None:
    values = (WORDS / 65535).astype(np.float32)
    values[0, 0] = 3
    tifffile.imwrite(tmp_path / "some.tif", values, photometric="rgb")
    with pytest.warns(UserWarning, match=r"some\.tif with more: clipped"):
        assert read_picture(tmp_path / "some.tif").pixels[0, 0].tolist() == [65535] * 3
    tifffile.imwrite(tmp_path / "most.tif", values * 255, photometric="rgb")
    with pytest.raises(InputError, match=r"SMaxSampleValue .*most\.tif"):
        read_picture(tmp_path / "most.tif")


@pytest.mark.parametrize("part", ["complex64", "two channels", "volume"])
def test_what_is_no_photograph_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.tif"
    if part == "complex64":
        tifffile.imwrite(path, BYTES[..., 0].astype(np.complex64))
    elif part == "two channels":
        tifffile.imwrite(path, BYTES[..., :2], photometric="minisblack", planarconfig="contig")
        with tifffile.TiffFile(path, mode="r+") as file:
            tags: Any = file.pages.first.tags
            tags["PhotometricInterpretation"].overwrite(2)
    else:
        tifffile.imwrite(path, np.zeros((8, 32, 32), np.uint8), volumetric=True, tile=(8, 32, 32))
    with pytest.raises(InputError, match=r"Got .*a\.tif"):
        read_picture(path)


def test_size_that_lies_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PIXELS", 1000)
    tifffile.imwrite(tmp_path / "a.tif", WORDS, photometric="rgb")
    with pytest.raises(InputError, match="at most 1000 pixels"):
        read_picture(tmp_path / "a.tif")


def test_profile_is_read(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tifffile.imwrite(tmp_path / "a.tif", WORDS, photometric="rgb", iccprofile=profile)
    assert read_picture(tmp_path / "a.tif").profile == profile
    assert_close(read_picture(tmp_path / "a.tif").pixels, WORDS)
