"""Metadata: written here, read back by Pillow and tifffile."""

import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms, JpegImagePlugin
from PIL.ExifTags import IFD, Base

from hdr_lightning.imaging.marks import is_result
from hdr_lightning.imaging.metadata import NOTHING, Metadata, of_result, read_metadata
from hdr_lightning.imaging.reading import read_header, read_image
from hdr_lightning.imaging.writing import encode

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
IMAGE = torch.rand(3, 33, 47, generator=torch.Generator().manual_seed(0))
FORMATS = [(".jpg", 8), (".png", 8), (".png", 16), (".tif", 8), (".tiff", 16)]


class Latin(str):
    """Text as cameras write it, which Pillow would write with question marks."""

    def encode(self, *_: object) -> bytes:
        return super().encode("latin-1")


def exif() -> Image.Exif:
    made = Image.Exif()
    made[Base.Make], made[Base.Orientation], made[Base.ImageWidth] = "Camera", 6, 4000
    made[Base.Artist] = "Zoë Åkesson".encode()
    made[IFD.Exif] = {Base.ExposureTime: 0.004, Base.ISOSpeedRatings: 200, Base.LensModel: "35 mm"}
    made[IFD.Exif] |= {Base.CameraOwnerName: Latin("Müller")}
    made[IFD.Exif] |= {Base.ExifImageWidth: 4000, Base.MakerNote: b"\1\2\3"}
    made[IFD.GPSInfo] = {1: "N", 2: (48.0, 8.0, 2.5)}
    return made


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "in.jpg"
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(path, exif=exif(), icc_profile=PROFILE)
    return path


@pytest.mark.parametrize(("suffix", "bits"), FORMATS)
def test_everything_arrives(photograph: Path, suffix: str, bits: int) -> None:
    output = photograph.with_name(f"out{suffix}")
    output.write_bytes(encode(IMAGE, suffix, bits, metadata=read_metadata(photograph)))
    with Image.open(output) as picture:
        assert picture.size == (47, 33)
        assert picture.info["icc_profile"] == PROFILE
        found = picture.getexif()
        inner, place = found.get_ifd(IFD.Exif), found.get_ifd(IFD.GPSInfo)
    assert found[Base.Make] == "Camera"
    assert found[Base.Artist].encode("latin-1").decode() == "Zoë Åkesson"
    assert found.get(Base.Orientation, 1) == 1
    assert found.get(Base.ImageWidth, 47) == 47
    assert (inner[Base.ISOSpeedRatings], inner[Base.LensModel]) == (200, "35 mm")
    assert (float(inner[Base.ExposureTime]), inner[Base.MakerNote]) == (pytest.approx(0.004), b"\1\2\3")
    assert inner[Base.CameraOwnerName] == "Müller"
    assert Base.ExifImageWidth not in inner
    assert (place[1], place[2]) == ("N", (48.0, 8.0, 2.5))


@pytest.mark.parametrize(("suffix", "bits"), FORMATS)
def test_pixels_stay_as_they_were(photograph: Path, suffix: str, bits: int) -> None:
    plain, full = photograph.with_name(f"a{suffix}"), photograph.with_name(f"b{suffix}")
    plain.write_bytes(encode(IMAGE, suffix, bits))
    full.write_bytes(encode(IMAGE, suffix, bits, metadata=read_metadata(photograph)))
    np.testing.assert_array_equal(read_image(full), read_image(plain))
    assert read_header(full) == read_header(plain)


def test_tiff_is_one_sorted_table(photograph: Path) -> None:
    output = photograph.with_name("out.tif")
    output.write_bytes(encode(IMAGE, ".tif", 16, metadata=read_metadata(photograph)))
    with tifffile.TiffFile(output) as tiff:
        assert len(tiff.pages) == 1
        tags = [tag.code for tag in tiff.pages.first.tags]  # type: ignore[union-attr]
        assert tags == sorted(set(tags))
        assert tiff.pages.first.tags["ExifTag"].value["ISOSpeedRatings"] == 200  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_metadata_of_other_formats_is_read(photograph: Path, suffix: str) -> None:
    first = read_metadata(photograph)
    again = photograph.with_name(f"again{suffix}")
    again.write_bytes(encode(IMAGE, suffix, metadata=first))
    assert read_metadata(again).icc == first.icc
    old, new = Image.Exif(), Image.Exif()
    old.load(first.exif)
    new.load(read_metadata(again).exif)
    assert dict(new) | dict(new.get_ifd(IFD.Exif)) == dict(old) | dict(old.get_ifd(IFD.Exif))


@pytest.mark.parametrize("kind", [np.uint8, np.uint32])
def test_big_tiff_keeps_what_it_says(tmp_path: Path, kind: type) -> None:
    options = {"photometric": "rgb", "bigtiff": True, "iccprofile": PROFILE}
    make = [(Base.Make, "s", 0, "Camera", True)]
    tifffile.imwrite(tmp_path / "big.tif", np.zeros((20, 30, 3), kind), extratags=make, **options)
    found, read = read_metadata(tmp_path / "big.tif"), Image.Exif()
    read.load(found.exif)
    assert (read[Base.Make], found.icc) == ("Camera", PROFILE)


def test_profiles_of_other_colours_are_left_out(tmp_path: Path) -> None:
    gray = PROFILE[:16] + b"GRAY" + PROFILE[20:]
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "gray.png", icc_profile=gray)
    assert read_metadata(tmp_path / "gray.png") == NOTHING


def test_damaged_metadata_is_left_out_with_a_warning(photograph: Path) -> None:
    whole = photograph.read_bytes()
    at = whole.index(b"Exif\0\0") + 6
    photograph.write_bytes(whole[:at] + b"MM\0*\xff\xff\xff\xff" + b"\xff" * 8 + whole[at + 16 :])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = read_metadata(photograph)
    assert found.exif == b""
    assert all("in.jpg" in str(warning.message) for warning in told)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" '
    b'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" GPano:ProjectionType="equirectangular" '
    b'crs:Exposure2012="+1.00" tiff:Orientation="6" photoshop:Credit="Somebody"/></rdf:RDF></x:xmpmeta>'
)
IPTC = b"\x1c\x02\x19\x00\x05beach\x1c\x02\x6e\x00\x08Somebody"


@pytest.mark.parametrize(("suffix", "bits"), FORMATS)
def test_xmp_iptc_and_density_arrive(tmp_path: Path, suffix: str, bits: int) -> None:
    told = Image.Exif()
    told[Base.XResolution], told[Base.YResolution], told[Base.ResolutionUnit] = 300.0, 300.0, 2
    first = Metadata(told.tobytes().removeprefix(b"Exif\0\0"), b"", XMP, IPTC)
    source = tmp_path / "in.jpg"
    source.write_bytes(encode(IMAGE, ".jpg", metadata=first))
    read = read_metadata(source)
    assert read.iptc == IPTC
    assert b"equirectangular" in read.xmp and b"Somebody" in read.xmp
    assert b"Exposure2012" not in read.xmp and b"Orientation" not in read.xmp
    output = tmp_path / f"out{suffix}"
    output.write_bytes(encode(IMAGE, suffix, bits, metadata=read))
    with Image.open(output) as picture:
        assert [float(value) for value in picture.info["dpi"]] == pytest.approx([300, 300], abs=0.1)
        found = picture.info["xmp"]
    assert b"GPano:ProjectionType" in (found.encode() if isinstance(found, str) else found)
    assert IPTC in output.read_bytes() or IPTC.hex()[:60] in output.read_bytes().decode("latin-1").replace(
        "\n", ""
    )


def test_result_is_marked_and_says_whose_colours_it_has() -> None:
    marked = of_result(Metadata(b"", b"", XMP), PROFILE)
    assert is_result(loaded(marked)) and marked.icc == PROFILE
    assert loaded(marked).get_ifd(IFD.Exif)[Base.ColorSpace] == 65535
    assert loaded(of_result(Metadata(), b"")).get_ifd(IFD.Exif)[Base.ColorSpace] == 1
    assert b"equirectangular" in marked.xmp
    assert b"equirectangular" not in of_result(Metadata(b"", b"", XMP), b"", same_size=False).xmp


@pytest.mark.parametrize(("quality", "sampling"), [(95, 0), (90, 2)])
def test_colours_of_good_jpeg_keep_their_resolution(tmp_path: Path, quality: int, sampling: int) -> None:
    (tmp_path / "a.jpg").write_bytes(encode(IMAGE, ".jpg", quality=quality))
    with Image.open(tmp_path / "a.jpg") as picture:
        assert JpegImagePlugin.get_sampling(picture) == sampling


def loaded(metadata: Metadata) -> Image.Exif:
    exif = Image.Exif()
    exif.load(metadata.exif)
    return exif


@pytest.mark.parametrize("order", ["<", ">"])
def test_iptc_of_a_tiff_may_be_stored_as_numbers(tmp_path: Path, order: Literal["<", ">"]) -> None:
    """In the order of the file's numbers or, as some programs have it, as it is."""
    records = b"\x1c\x02\x50\x00\x05Maria\x1c\x02\x05\x00\x05Hill\0"
    records += bytes(-len(records) % 4)
    path = tmp_path / "a.tif"
    for turned in (order, "<>"[order == "<"]):
        words = np.frombuffer(records, f"{turned}u4").tolist()
        tifffile.imwrite(
            path,
            np.zeros((20, 30, 3), np.uint8),
            byteorder=order,
            photometric="rgb",
            extratags=[(33723, "I", len(words), words, True)],
        )
        assert read_metadata(path).iptc == records
