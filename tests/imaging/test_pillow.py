"""Picture files of every other kind, against the pixels they were written from; and what is no picture."""

import io
import struct
import sys
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401, Pillow writes JPEG XL by it
import pytest
from PIL import Image, ImageCms

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.kinds import kind_of
from hdr_lightning.imaging.metadata import read_metadata
from hdr_lightning.imaging.reading import read_header, read_picture

RNG = np.random.default_rng(0)
WORDS = np.kron(RNG.integers(0, 65536, (8, 12, 3), dtype=np.uint16), np.ones((8, 8, 1), np.uint16))
BYTES = (WORDS >> 8).astype(np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
P3 = profiles.by_number(12)


SHARES = (WORDS / 65535).astype(np.float32)


def coded(light: np.ndarray) -> np.ndarray:
    """Linear light as 16 bits of sRGB."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 65535


def by_pillow(**options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(BYTES).save(stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def heic(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    mode, size = ("RGB;16" if pixels.dtype == np.uint16 else "RGB"), (pixels.shape[1], pixels.shape[0])
    pillow_heif.from_bytes(mode, size, pixels.tobytes()).save(stream, quality=-1, chroma=444)
    return stream.getvalue()


def ten(pixels: np.ndarray) -> np.ndarray:
    """What is left of 16 bits in 10."""
    return np.rint(np.rint(pixels / 65535 * 1023) / 1023 * 65535)


KINDS: dict[str, tuple[str, bytes, np.ndarray, float]] = {
    "webp": ("WebP", by_pillow(format="WEBP", lossless=True), BYTES, 0),
    "bmp": ("BMP", by_pillow(format="BMP"), BYTES, 0),
    "jp2": ("JPEG 2000", by_pillow(format="JPEG2000", irreversible=False), BYTES, 0),
    "jp2 16": ("JPEG 2000", imagecodecs.jpeg2k_encode(WORDS, level=0), WORDS, 0),
    "jp2 12": ("JPEG 2000", imagecodecs.jpeg2k_encode(WORDS >> 4, level=0, bitspersample=12), WORDS, 16),
    "avif": ("AVIF", imagecodecs.avif_encode(BYTES, level=100, pixelformat="444"), BYTES, 3),
    "avif 10": ("AVIF", imagecodecs.avif_encode(WORDS >> 6, level=100, bitspersample=10), ten(WORDS), 500),
    "avif 12": ("AVIF", imagecodecs.avif_encode(WORDS >> 4, level=100, bitspersample=12), WORDS, 200),
    "heic": ("HEIC", heic(BYTES), BYTES, 4),
    "heic 10": ("HEIC", heic(WORDS), WORDS, 800),
    "jxl": ("JPEG XL", imagecodecs.jpegxl_encode(BYTES, lossless=True), BYTES, 0),
    # imagecodecs says of both that they hold linear light
    "jxl 16": ("JPEG XL", imagecodecs.jpegxl_encode(WORDS, lossless=True), coded(WORDS / 65535), 30),
    "jxl float": ("JPEG XL", imagecodecs.jpegxl_encode(SHARES, lossless=True), coded(SHARES), 30),
}


@pytest.mark.parametrize("name", KINDS)
def test_pixels_are_those_it_was_written_from(tmp_path: Path, name: str) -> None:
    kind, content, expected, tolerance = KINDS[name]
    path = tmp_path / "photograph.jpg"  # a name that says nothing
    path.write_bytes(content)
    assert kind_of(path) == kind
    found = read_picture(path)
    assert np.abs(found.pixels - expected.astype(float)).max() <= tolerance
    assert found.alpha is None
    assert read_header(path) == (64, 96, 8 * found.pixels.itemsize, 1)
    assert found.pixels.dtype == (np.uint8 if expected is BYTES else np.uint16)


@pytest.mark.parametrize("deep", [True, False])
def test_alpha_is_kept(tmp_path: Path, deep: bool) -> None:
    pixels = np.dstack([WORDS, WORDS[..., :1]]) if deep else np.dstack([BYTES, BYTES[..., :1]])
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(pixels))
    (tmp_path / "a.jxl").write_bytes(
        imagecodecs.jpegxl_encode(np.dstack([BYTES, BYTES[..., :1]]), lossless=True)
    )
    for name in ("a.png",) if deep else ("a.png", "a.jxl"):
        found = read_picture(tmp_path / name)
        np.testing.assert_array_equal(found.pixels, pixels[..., :3])
        assert found.alpha is not None
        np.testing.assert_array_equal(found.alpha, pixels[..., 3])


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "TIFF", "JPEG", "AVIF", "HEIF"])
def test_profiles_of_every_kind_are_read(tmp_path: Path, kind: str) -> None:
    pillow_heif.register_heif_opener()
    Image.fromarray(BYTES).save(tmp_path / "a", format=kind, icc_profile=P3)
    assert profiles.alike(read_picture(tmp_path / "a").profile, P3)
    assert profiles.alike(read_metadata(tmp_path / "a").icc, P3)


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "TIFF", "JPEG", "AVIF", "HEIF", "JXL"])
def test_exif_of_every_kind_is_read(tmp_path: Path, kind: str) -> None:
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[271] = "Camera"
    Image.fromarray(BYTES).save(tmp_path / "a", format=kind, exif=exif.tobytes())
    assert b"Camera" in read_metadata(tmp_path / "a").exif


def test_wide_primaries_without_a_profile(tmp_path: Path) -> None:
    content = imagecodecs.avif_encode(BYTES, level=100, pixelformat="444", primaries=12, transfer=13)
    (tmp_path / "a.avif").write_bytes(content)
    assert profiles.alike(read_picture(tmp_path / "a.avif").profile, P3)


def test_code_for_hdr_screens_is_refused(tmp_path: Path) -> None:
    content = imagecodecs.avif_encode(BYTES, level=100, pixelformat="444", primaries=9, transfer=16)
    (tmp_path / "a.avif").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.avif, coded by PQ"):
        read_picture(tmp_path / "a.avif")


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_png_gamma_is_followed(tmp_path: Path, mode: str) -> None:
    """Linear light in a PNG, as its chunk gAMA says, becomes sRGB."""
    stored = np.array([[[30, 60, 128]]], np.uint8)
    picture = Image.fromarray(stored if mode == "RGB" else stored[0])
    picture.save(tmp_path / "plain.png")
    whole = (tmp_path / "plain.png").read_bytes()
    chunk = b"gAMA" + (100000).to_bytes(4, "big")
    chunk = (4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(whole[:33] + chunk + whole[33:])
    found = read_picture(tmp_path / "a.png").pixels
    found = found / np.iinfo(found.dtype).max
    shown = found[0, 0] if mode == "RGB" else found[0, :, 0]
    np.testing.assert_allclose(shown, coded(stored / 255)[0, 0] / 65535, atol=1.1 / 255)


def test_gray_profile_is_followed(tmp_path: Path) -> None:
    Image.fromarray(BYTES[..., 0]).save(tmp_path / "a.png", icc_profile=profiles.gray(1.8))
    found = read_picture(tmp_path / "a.png").pixels[..., 0] / 255
    assert np.abs(found - coded((BYTES[..., 0] / 255) ** 1.8) / 65535).max() < 1.5 / 255


@pytest.mark.parametrize(
    ("module", "name", "extra"), [("pillow_heif", "heic", "heif"), ("pillow_jxl", "jxl", "jxl")]
)
def test_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, extra: str
) -> None:
    (tmp_path / "a").write_bytes(KINDS[name][1])
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"{module} to read .*pip install 'hdr-lightning\[{extra}\]'"):
        read_picture(tmp_path / "a")


@pytest.mark.parametrize("clear", ["LA", "tRNS", "16 bits", "16 bits, tRNS"])
def test_profile_of_gray_counts_beside_opacity(tmp_path: Path, clear: str) -> None:
    """As it does in the same picture without any."""
    gray, alpha = WORDS[..., 0], np.where(WORDS[..., 1] > 30000, 65535, 0).astype(np.uint16)
    alpha = alpha if clear in ("LA", "16 bits") else np.where(gray == gray[0, 0], 0, 65535)
    linear, files = profiles.gray(1.0), [tmp_path / "plain.png", tmp_path / "clear.png"]
    if clear == "LA":
        Image.fromarray(BYTES[..., 0]).save(files[0], icc_profile=linear)
        both = np.dstack([BYTES[..., 0], alpha >> 8]).astype(np.uint8)
        Image.fromarray(both, "LA").save(files[1], icc_profile=linear)
    elif clear == "tRNS":
        Image.fromarray(BYTES[..., 0]).save(files[0], icc_profile=linear)
        Image.fromarray(BYTES[..., 0]).save(files[1], icc_profile=linear, transparency=int(BYTES[0, 0, 0]))
    else:
        value = int(gray[0, 0]) if "tRNS" in clear else None
        files[0].write_bytes(deep_gray_png(gray, linear))
        files[1].write_bytes(
            deep_gray_png(gray if value is not None else np.dstack([gray, alpha]), linear, value)
        )
    plain, found = (read_picture(file) for file in files)
    assert plain.alpha is None and found.alpha is not None
    np.testing.assert_array_equal(found.alpha > 0, alpha > 0)
    np.testing.assert_array_equal(found.pixels, plain.pixels)
    assert np.abs(found.pixels[..., 0].astype(int) - (gray if "16" in clear else BYTES[..., 0])).max() > 40


def deep_gray_png(values: np.ndarray, profile: bytes, clear: int | None = None) -> bytes:
    """A PNG of 16 bits of gray, with opacity or one value that is transparent."""
    height, width, kind = *values.shape[:2], 0 if values.ndim == 2 else 4
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)),
        (b"iCCP", b"gray\0\0" + zlib.compress(profile)),
        *([] if clear is None else [(b"tRNS", struct.pack(">H", clear))]),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
