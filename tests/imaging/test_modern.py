"""WebP, AVIF and JPEG XL: pixels and metadata as other readers find them."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from PIL.ExifTags import GPS, IFD

from hdr_lightning.imaging import profiles
from hdr_lightning.imaging.metadata import Metadata, read_metadata
from hdr_lightning.imaging.writing import encode

CAT = skimage.data.chelsea()[:100, :150]
IMAGE = torch.from_numpy(CAT.copy()).permute(2, 0, 1) / 255
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'


def described(icc: bytes = b"") -> Metadata:
    exif = Image.Exif()
    exif[271] = "Maker"
    exif[IFD.GPSInfo] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (48.0, 12.0, 30.5)}
    return Metadata(exif.tobytes().removeprefix(b"Exif\0\0"), icc, XMP)


@pytest.mark.parametrize("suffix", [".webp", ".avif", ".jxl"])
def test_pixels_come_back_nearly_and_metadata_whole(suffix: str, tmp_path: Path) -> None:
    icc = b"" if suffix == ".jxl" else profiles.by_number(12)
    path = tmp_path / f"cat{suffix}"
    path.write_bytes(encode(IMAGE, suffix, metadata=described(icc)))
    pixels = imagecodecs.jpegxl_decode(path.read_bytes()) if suffix == ".jxl" else Image.open(path)
    assert np.abs(np.asarray(pixels).astype(int) - CAT).mean() < 2.5
    found = read_metadata(path)
    exif = Image.Exif()
    exif.load(found.exif)
    assert exif[271] == "Maker" and profiles.alike(found.icc, icc)
    assert exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == (48.0, 12.0, 30.5)
    assert b"x:xmpmeta" in path.read_bytes()


def test_quality_100_loses_nothing_and_jpeg_xl_holds_16_bits() -> None:
    np.testing.assert_array_equal(Image.open(io.BytesIO(encode(IMAGE, ".webp", quality=100))), CAT)
    deep = imagecodecs.jpegxl_decode(encode(IMAGE, ".jxl", bits=16, quality=100))
    np.testing.assert_array_equal(deep, CAT.astype(np.uint16) * 257)


def test_less_quality_is_less_to_store() -> None:
    for suffix in (".webp", ".avif", ".jxl"):
        sizes = [len(encode(IMAGE, suffix, quality=quality)) for quality in (20, 60, 95)]
        assert sizes == sorted(sizes) and sizes[0] < 0.6 * sizes[-1]


def test_gray_stays_gray() -> None:
    for suffix in (".webp", ".avif", ".jxl"):
        assert encode(IMAGE[:1], suffix)


def test_jpeg_xl_in_wide_colours_becomes_srgb() -> None:
    wide = profiles.by_number(12)
    with pytest.warns(UserWarning, match="brought to sRGB"):
        encoded = encode(IMAGE, ".jxl", quality=100, metadata=Metadata(icc=wide))
    np.testing.assert_array_equal(imagecodecs.jpegxl_decode(encoded), profiles.convert(CAT, wide, b""))
