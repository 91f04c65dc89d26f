import io
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
import tifffile
import torch
from PIL import Image, ImageOps

from hdr_lightning.errors import InputError
from hdr_lightning.imaging import reading as images
from hdr_lightning.imaging.reading import read_header, read_image, read_picture
from hdr_lightning.imaging.writing import write_image
from hdr_lightning.levels import to_float

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
WORDS = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("bits", [8, 16])
def test_written_image_reads_back_exactly(tmp_path: Path, suffix: str, bits: int) -> None:
    pixels = BYTES if bits == 8 else WORDS
    path = tmp_path / "new" / f"image{suffix}"
    write_image(path, to_float(pixels), bits=bits)
    assert read_image(path).dtype == pixels.dtype
    np.testing.assert_array_equal(read_image(path), pixels)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_sixteen_bits_agree_with_other_writers(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", WORDS, photometric="rgb")
    cv2.imwrite(str(tmp_path / "b.tif"), WORDS[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    cv2.imwrite(str(tmp_path / "c.png"), WORDS[..., ::-1])
    for path in sorted(tmp_path.iterdir()):
        np.testing.assert_array_equal(read_image(path), WORDS)


def test_jpeg_stays_close(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(BYTES, (0, 0), 4)
    write_image(tmp_path / "a.jpg", to_float(smooth))
    difference = read_image(tmp_path / "a.jpg").astype(int) - smooth
    assert np.abs(difference).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png8", "png16", "tif8", "tif16", "jpg"])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, kind: str) -> None:
    path = tmp_path / f"image.{kind[:3]}"
    pixels = WORDS if kind.endswith("16") else BYTES
    exif = Image.Exif()
    exif[274] = orientation
    if kind.startswith("tif"):
        tags = [(274, "H", 1, orientation, True)]
        tifffile.imwrite(path, pixels, photometric="rgb", extratags=tags)
    elif kind == "png16":
        path.write_bytes(_png_with_exif(pixels, exif.tobytes()))
    else:
        Image.fromarray(pixels).save(path, exif=exif)
    stored = pixels if kind != "jpg" else np.asarray(Image.open(path))
    marked = io.BytesIO()
    # Pillow's own turn of a picture that holds where each stored pixel went
    places = np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.int32)
    Image.fromarray(places).save(marked, format="TIFF", tiffinfo={274: orientation})
    turned = np.asarray(ImageOps.exif_transpose(Image.open(marked)))
    np.testing.assert_array_equal(read_image(path), stored.reshape(600, 3)[turned])
    assert read_header(path)[:2] == turned.shape


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("pixels", [BYTES, WORDS], ids=["8", "16"])
def test_gray_is_repeated(tmp_path: Path, pixels: np.ndarray, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / f"gray{suffix}"), pixels[..., 0])
    np.testing.assert_array_equal(read_image(tmp_path / f"gray{suffix}"), np.dstack([pixels[..., 0]] * 3))


@pytest.mark.parametrize("pixels", [BYTES, WORDS], ids=["8", "16"])
def test_alpha_is_dropped_with_a_warning(tmp_path: Path, pixels: np.ndarray) -> None:
    path = tmp_path / "glass.png"
    cv2.imwrite(str(path), np.dstack([pixels[..., ::-1], pixels[..., :1]]))
    with pytest.warns(UserWarning, match=r"alpha.*glass\.png"):
        np.testing.assert_array_equal(read_image(path), pixels)


def test_palette_is_expanded(tmp_path: Path) -> None:
    Image.fromarray(BYTES).quantize(16).save(tmp_path / "a.png")
    expected = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), expected)


@pytest.mark.parametrize("kind", ["png8", "png16", "tif8", "tif16", "jpg"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9])
def test_truncated_file_is_named(tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / f"cut.{kind[:3]}"
    pixels = WORDS if kind.endswith("16") else BYTES
    if kind.startswith("tif"):
        tifffile.imwrite(path, pixels, photometric="rgb")
    else:
        cv2.imwrite(str(path), pixels)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError, match=r"Got .*cut\."):
        read_image(path)


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    tifffile.imwrite(tmp_path / "float.tif", WORDS[..., 0].astype(np.float32))
    (tmp_path / "folder.png").mkdir()
    for name in ("text.png", "float.tif", "folder.png", "absent.png"):
        with pytest.raises(InputError, match=rf"Expected .*Got .*{name}"):
            read_image(tmp_path / name)


def test_bomb_is_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(60000, 60000, zlib.compress(b"")))
    with pytest.raises(InputError, match=r"at most 512000000 pixels.*bomb\.png"):
        read_image(path)


def test_limit_is_ours_not_pillows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(BYTES).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert read_image(tmp_path / "a.png").shape == BYTES.shape
    assert Image.MAX_IMAGE_PIXELS == 10
    monkeypatch.setattr(images, "MAX_PIXELS", 10)
    with pytest.raises(InputError, match="at most 10 pixels"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(("name", "bits"), [("a.bmp", 8), ("a", 8), ("a.jpg", 16)])
def test_write_refuses_other_suffixes(tmp_path: Path, name: str, bits: int) -> None:
    with pytest.raises(InputError, match=r"a.*Expected a format out of .* Got"):
        write_image(tmp_path / name, torch.zeros(3, 4, 4), bits=bits)
    assert not list(tmp_path.iterdir())


def test_write_clips_and_takes_gray(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", torch.tensor([[[-1.0, 0.5, 2.0]]]))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[..., 0], [[0, 128, 255]])


def test_write_names_a_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"writable place for .*a\.png"):
        write_image(tmp_path / "file" / "a.png", torch.zeros(3, 4, 4))


def test_reading_leaves_warnings_alone(tmp_path: Path) -> None:
    Image.fromarray(BYTES).save(tmp_path / "a.png")
    before = list(warnings.filters)
    read_image(tmp_path / "a.png")
    assert warnings.filters == before


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_with_exif(pixels: np.ndarray, exif: bytes) -> bytes:
    """OpenCV writes the 16 bits, and the orientation is put in after the 33 bytes of signature and header."""
    whole = cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()
    return whole[:33] + _chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")) + whole[33:]


def test_reduced_is_the_whole_one_made_smaller(tmp_path: Path) -> None:
    """JPEG decodes at a fraction of its size; what that changes is within the noise of the coding."""
    whole = cv2.resize(skimage.data.astronaut(), (1200, 1200), interpolation=cv2.INTER_CUBIC)[:800]
    for name, wanted, near in (
        ("a.jpg", (100, 150), 2.0),
        ("a.png", (100, 150), 0.5),
        ("b.png", (800, 1200), 0),
    ):
        Image.fromarray(whole).save(tmp_path / name)
        side = 150 if name.startswith("a") else 5000
        reduced = read_picture(tmp_path / name, side=side).pixels
        assert reduced.shape == (*wanted, 3)
        expected = cv2.resize(whole, wanted[::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(reduced.astype(int) - expected).mean() <= near
