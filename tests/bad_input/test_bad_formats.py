"""Every further format cut off, lying about its size, wiped, falsely named: one line names the file."""

import io
import itertools
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from hdr_lightning.commands.fuse import main
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
FORMATS = ("png", "webp", "bmp", "jp2", "j2k", "avif", "heic", "jxl", "exr", "dng", "big.tif", "tiled.tif")


def encoded(kind: str, folder: Path, write_dng: Any) -> bytes:
    path = folder / f"good.{kind}"
    if kind == "heic":
        pytest.importorskip("pillow_heif").from_pillow(Image.fromarray(PIXELS)).save(path, quality=90)
    elif kind == "jxl":
        pytest.importorskip("pillow_jxl")
        path.write_bytes(imagecodecs.jpegxl_encode(PIXELS, usecontainer=False))
    elif kind == "exr":
        exr = pytest.importorskip("OpenEXR")
        header = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
        exr.File(header, {"RGB": (PIXELS / 255).astype(np.float16)}).write(str(path))
    elif kind == "dng":
        pytest.importorskip("rawpy")
        write_dng(path, PIXELS / 255)
    elif kind.endswith("tif"):
        options: dict[str, Any] = {"tile": (16, 16)} if kind == "tiled.tif" else {"bigtiff": True}
        tifffile.imwrite(path, PIXELS, photometric="rgb", compression="zlib", **options)
    else:
        stream = io.BytesIO()
        options = {"no_jp2": True} if kind == "j2k" else {}
        name = {"jp2": "JPEG2000", "j2k": "JPEG2000"}.get(kind, kind.upper())
        Image.fromarray(PIXELS).save(stream, name, **options)
        path.write_bytes(stream.getvalue())
    assert read_picture(path).pixels.shape == PIXELS.shape
    return path.read_bytes()


def lying(content: bytes, kind: str) -> bytes:
    """The same file that says to be far larger than it is."""
    huge = 20000
    changes: dict[str, Callable[[bytes], bytes]] = {
        "png": lambda c: _swapped(c, struct.pack(">II", 64, 48), struct.pack(">II", huge, huge)),
        "webp": lambda c: _swapped(c, struct.pack("<HH", 64, 48), struct.pack("<HH", 16383, 16383)),
        "bmp": lambda c: _swapped(c, struct.pack("<ii", 64, 48), struct.pack("<ii", huge, huge)),
        "jp2": lambda c: _swapped(c, struct.pack(">II", 64, 48), struct.pack(">II", huge, huge)),
        "j2k": lambda c: _swapped(c, struct.pack(">II", 64, 48), struct.pack(">II", huge, huge)),
        "avif": lambda c: _swapped(c, b"ispe\0\0\0\0" + struct.pack(">II", 64, 48),
                                   b"ispe\0\0\0\0" + struct.pack(">II", huge, huge)),
        "heic": lambda c: _swapped(c, b"ispe\0\0\0\0" + struct.pack(">II", 64, 64),
                                   b"ispe\0\0\0\0" + struct.pack(">II", huge, huge)),
        "jxl": lambda c: c[:2] + b"\xff" * 8 + c[10:],
        "exr": lambda c: _swapped(c, struct.pack("<iii", 0, 63, 47), struct.pack("<iii", 0, huge, huge)),
        "dng": lambda c: _tag(_tag(c, 256, huge), 257, huge),
        "big.tif": lambda c: _tag(_tag(c, 256, huge, "<HHQ"), 257, huge, "<HHQ"),
        "tiled.tif": lambda c: _tag(_tag(c, 256, huge), 257, huge),
    }  # fmt: skip
    changed = changes[kind](content)
    assert changed != content
    return changed


def _swapped(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def _tag(content: bytes, tag: int, value: int, entry: str = "<HHI") -> bytes:
    """Every entry of a TIFF tag with another value."""
    changed, size = bytearray(content), struct.calcsize(entry)
    for kind, code in ((3, "<H"), (4, "<I")):
        start, place = struct.pack(entry, tag, kind, 1), -1
        while (place := content.find(start, place + 1)) >= 0:
            struct.pack_into(code, changed, place + size, value)
    return bytes(changed)


DAMAGES: dict[str, Callable[[bytes, str], bytes]] = {
    "half": lambda content, _: content[: len(content) // 2],
    "all but the end": lambda content, _: content[: len(content) * 9 // 10],
    "header": lambda content, _: content[:40],
    "lying": lying,
    "wiped": lambda content, _: content[:32] + bytes(len(content) - 32),
    "zeros": lambda content, _: bytes(len(content)),
    "half of zeros": lambda content, _: content[: len(content) // 2] + bytes(len(content) // 2),
}


WHOLE = {("bmp", "wiped"), ("bmp", "half of zeros")}
"""What is a black picture by its format: it is not compressed."""


@pytest.mark.parametrize(
    ("kind", "damage"), [both for both in itertools.product(FORMATS, DAMAGES) if both not in WHOLE]
)
def test_damaged_file_is_named_in_one_line(
    kind: str,
    damage: str,
    tmp_path: Path,
    write_dng: Any,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    content = encoded(kind, tmp_path, write_dng)
    Image.fromarray(PIXELS).save("good.png")
    bad = f"bad.{kind}"
    Path(bad).write_bytes(DAMAGES[damage](content, kind))
    with pytest.raises(SystemExit) as ended:
        main(["good.png", bad, "-o", "fused.png", "--method", "average", "--group", "off"])
    told = str(ended.value.code)
    assert told.startswith("error: ") and bad in told and len(told.splitlines()) == 1
    assert capfd.readouterr() == ("", "")
    assert not Path("fused.png").exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_false_name_is_no_matter(kind: str, tmp_path: Path, write_dng: Any) -> None:
    content = encoded(kind, tmp_path, write_dng)
    (tmp_path / "false.jpg").write_bytes(content)
    expected = read_picture(tmp_path / f"good.{kind}").pixels
    np.testing.assert_array_equal(read_picture(tmp_path / "false.jpg").pixels, expected)


@pytest.mark.parametrize("kind", [*FORMATS, "cr3", "nef"])
def test_something_else_under_the_name_is_told(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PIXELS).save("good.png")
    Path(f"bad.{kind}").write_bytes(b"<!doctype html><title>Not found</title>")
    with pytest.raises(SystemExit) as ended:
        main(["good.png", f"bad.{kind}", "-o", "fused.png", "--method", "average"])
    assert f"bad.{kind}: a web page" in str(ended.value.code)


def test_checksum_of_a_png_counts(tmp_path: Path, write_dng: Any) -> None:
    content = encoded("png", tmp_path, write_dng)
    end = content.index(b"IEND") - 4
    (tmp_path / "bad.png").write_bytes(content[: end - 4] + b"\0\1\2\3" + content[end:])
    with pytest.raises(InputError, match=r"bad\.png: .*checksum"):
        read_picture(tmp_path / "bad.png")
