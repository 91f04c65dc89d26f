from pathlib import Path

import torch
from PIL import Image, ImageCms
from PIL.ExifTags import IFD, Base

from hdr_lightning.imaging.attaching import attach
from hdr_lightning.imaging.metadata import NOTHING, Metadata
from hdr_lightning.imaging.writing import encode

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


IMAGE = torch.rand(3, 33, 47, generator=torch.Generator().manual_seed(0))


def test_long_makers_notes_are_left_out_of_jpeg(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[Base.Make] = "Camera"
    notes[IFD.Exif] = {Base.MakerNote: b"x" * 70000}
    long = Metadata(notes.tobytes().removeprefix(b"Exif\0\0"), PROFILE * 300)
    (tmp_path / "a.jpg").write_bytes(encode(IMAGE, ".jpg", metadata=long))
    with Image.open(tmp_path / "a.jpg") as picture:
        picture.load()
        assert picture.getexif()[Base.Make] == "Camera"
        assert not picture.getexif().get_ifd(IFD.Exif)
        assert picture.info["icc_profile"] == PROFILE * 300


def test_nothing_changes_nothing() -> None:
    encoded = encode(IMAGE, ".png")
    assert attach(encoded, NOTHING) is encoded
