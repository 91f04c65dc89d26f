"""What a file is, whatever its name says."""

from pathlib import Path

import pillow_jxl  # noqa: F401, Pillow writes JPEG XL by it
import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_picture


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "an empty file"),
        (bytes(3000), "zeros"),
        (b"GIF89a" + bytes(30), "a GIF"),
        (b"%PDF-1.7", "a PDF document"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"<?xml version='1.0'?><svg>", "an SVG drawing"),
        (b"PK\3\4" + bytes(30), "a ZIP archive"),
        (b"\0\0\0\x18ftypmp42" + bytes(30), "a video"),
        (b"#?RADIANCE\n", "a Radiance HDR picture"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
        (b"just some words", "text"),
        (b"\x01\x02\x03\xff", "not an image, or damaged"),
    ],
)
def test_refusal_names_what_the_file_is(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(InputError, match=rf"a photograph .*Got .*a\.jpg: {name}"):
        read_picture(tmp_path / "a.jpg")
