"""Files that are no photographs, or other ones than they seem, given to every command that reads some."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
DEEP = PIXELS.astype(np.uint16) * 257


def saved(path: Path, **options: Any) -> bytes:
    Image.fromarray(PIXELS).save(path, **options)
    return path.read_bytes()


def cut(kept: float, **options: Any) -> Callable[[Path], object]:
    return lambda path: path.write_bytes((whole := saved(path, **options))[: int(kept * len(whole))])


def holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def disguised(kind: str) -> Callable[[Path], object]:
    return lambda path: Image.fromarray(PIXELS).save(path, format=kind)


def tiff(pixels: np.ndarray, **options: Any) -> Callable[[Path], object]:
    return lambda path: tifffile.imwrite(path, pixels, **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def huge_jpeg(path: Path) -> None:
    content = bytearray(saved(path))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    path.write_bytes(content)


def huge_tiff(path: Path) -> None:
    tifffile.imwrite(path, PIXELS, photometric="rgb")
    with tifffile.TiffFile(path, mode="r+") as file:
        tags: Any = file.pages.first.tags
        tags["ImageWidth"].overwrite(60000)
        tags["ImageLength"].overwrite(60000)


def flipped(path: Path) -> None:
    content = bytearray(saved(path))
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def not_finite(path: Path) -> None:
    tifffile.imwrite(path, np.full((48, 64, 3), [np.nan, np.inf, 0], np.float32), photometric="rgb")


BAD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "empty": ("bad.png", holding(b"")),
    "text": ("bad.png", holding(b"no image\n")),
    "web page": ("bad.jpg", holding(b"<!doctype html><title>404</title>")),
    "gif": ("bad.png", disguised("GIF")),
    "numpy": ("bad.npy", lambda path: np.save(path, PIXELS)),
    "exr": ("bad.exr", holding(b"\x76\x2f\x31\x01" + bytes(100))),
    "jpeg, half": ("bad.jpg", cut(0.5)),
    "jpeg, header": ("bad.jpg", cut(0.1)),
    "png, half": ("bad.png", cut(0.5)),
    "png, all but the end": ("bad.png", cut(0.95)),
    "png, flipped byte": ("bad.png", flipped),
    "tiff, half": ("bad.tif", cut(0.5)),
    "tiff, deflate, half": ("bad.tif", cut(0.5, compression="tiff_deflate")),
    "tiff, not finite": ("bad.tif", not_finite),
    "png bomb": ("bad.png", holding(png(60000, 60000))),
    "png without pixels": ("bad.png", holding(png(0, 0))),
    "jpeg bomb": ("bad.jpg", huge_jpeg),
    "tiff bomb": ("bad.tif", huge_tiff),
    "another size": ("bad.png", lambda path: Image.fromarray(PIXELS[:, :-1]).save(path)),
    "one pixel": ("bad.png", lambda path: Image.fromarray(PIXELS[:1, :1]).save(path)),
    "missing": ("bad.png", lambda path: None),
    "dangling link": ("bad.png", lambda path: path.symlink_to("nowhere.png")),
    "link to itself": ("bad.png", loop),
    "pipe": ("bad.png", os.mkfifo),
    "folder": ("bad.png", Path.mkdir),
}


@pytest.mark.parametrize("kind", BAD)
def test_hdr_fuse_names_the_file(refused: Any, tmp_path: Path, kind: str) -> None:
    name, make = BAD[kind]
    saved(tmp_path / "good.png")
    make(tmp_path / name)
    refused("fuse", "good.png", name, "-o", "fused.png", "--method", "average", names=name)
    assert not (tmp_path / "fused.png").exists()


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("figures", ("text", "png, half", "tiff, not finite", "png bomb", "another size", "link to itself")),
        ("train", ("png, half", "another size")),
        ("evaluate", ("png, half", "png bomb")),
    ],
)
def test_commands_with_a_data_set_name_the_file(
    refused: Any, tmp_path: Path, command: str, kinds: tuple[str, ...]
) -> None:
    words = {
        "train": ("data=folder", "data.root=data", "trainer=cpu", "logger=none"),
        "evaluate": ("data=folder", "data.root=data", "methods=[average]", "device=cpu"),
        "figures": ("gammas", "--data", "folder", "--root", "data", "--scene", "b", "-o", "out/fig"),
    }
    output = {"train": "run_dir", "evaluate": "output"}
    for scene in ("a", "b", "c"):
        (tmp_path / "data" / scene).mkdir(parents=True)
        for number in (1, 2):
            saved(tmp_path / "data" / scene / f"{number}.png")
    for number, kind in enumerate(kinds):
        name, make = BAD[kind]
        make(tmp_path / "data" / "b" / name)
        place = [f"{output[command]}=out/{number}"] if command in output else []
        refused(command, *words[command], *place, names=name)
        (tmp_path / "data" / "b" / name).unlink()


ODD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "alpha": ("odd.png", lambda path: Image.fromarray(PIXELS).convert("RGBA").save(path)),
    "gray and alpha": ("odd.png", lambda path: Image.fromarray(PIXELS).convert("LA").save(path)),
    "cmyk": ("odd.jpg", lambda path: Image.fromarray(PIXELS).convert("CMYK").save(path)),
    "palette": ("odd.png", lambda path: Image.fromarray(PIXELS).quantize(16).save(path)),
    "one bit": ("odd.png", lambda path: Image.fromarray(PIXELS).convert("1").save(path)),
    "16 bits": ("odd.tif", tiff(DEEP, photometric="rgb")),
    "16 bits, unknown tag": ("odd.tif", tiff(DEEP, photometric="rgb", extratags=[(50000, "H", 1, 1, True)])),
    "animated": (
        "odd.png",
        lambda path: Image.fromarray(PIXELS).save(
            path, save_all=True, append_images=[Image.fromarray(PIXELS[::-1])]
        ),
    ),
    "bmp": ("odd.png", disguised("BMP")),
    "webp": ("odd.jpg", disguised("WEBP")),
    "32 bits": ("odd.tif", tiff(PIXELS.astype(np.uint32), photometric="rgb")),
    "signed": ("odd.tif", tiff(PIXELS.astype(np.int16), photometric="rgb")),
    "planes": ("odd.tif", tiff(DEEP.transpose(2, 0, 1), planarconfig="separate", photometric="rgb")),
    "pages": ("odd.tif", tiff(np.stack([PIXELS, PIXELS]), photometric="rgb")),
    "name in capitals": ("ODD.JPEG", lambda path: Image.fromarray(PIXELS).save(path)),
    "name of other bytes": ("odd\udcff.png", saved),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_photographs_are_fused(run: Any, tmp_path: Path, kind: str) -> None:
    name, make = ODD[kind]
    saved(tmp_path / "good.png")
    make(tmp_path / name)
    output = Path(name).with_suffix(".out.png")
    ended = run("fuse", "good.png", name, "-o", output, "--method", "average")
    assert ended.status == 0, ended
    assert ended.err.count("\n") == (kind == "pages")
    assert read_image(tmp_path / output).shape == PIXELS.shape


@pytest.mark.parametrize("pair", [(1, 1), (1, 40), (3, 2)], ids=str)
def test_smallest_photographs_are_fused(run: Any, tmp_path: Path, pair: tuple[int, int]) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(PIXELS[: pair[0], : pair[1]]).save(tmp_path / name)
    ended = run("fuse", "a.png", "b.png", "-o", "fused.png")
    assert (ended.status, ended.err) == (0, "")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    tifffile.imwrite(folder / "deep.tif", DEEP, photometric="rgb")
    kinds = ("a.png", "a.jpg", "a.tif")
    return [*(saved(folder / name) for name in kinds), (folder / "deep.tif").read_bytes()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_are_an_image_or_named(data: st.DataObject, seeds: list[bytes], tmp_path: Path) -> None:
    content = bytearray(data.draw(st.sampled_from(seeds)))
    places = st.integers(0, min(len(content), 400) - 1) | st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        content[place] = value
    path = tmp_path / "bad.png"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    try:
        pixels = read_image(path)
    except InputError as error:
        assert "bad.png" in str(error)
    else:
        assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype in (np.uint8, np.uint16)
