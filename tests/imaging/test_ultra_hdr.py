"""Ultra HDR files as others read them: libultrahdr, Pillow's reader of Multi-Picture files, and by XMP."""

import io
import re

import imagecodecs
import numpy as np
import pytest
import torch
from PIL import Image, MpoImagePlugin

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.metadata import Metadata
from hdr_lightning.imaging.ultra_hdr import Gains, join
from hdr_lightning.imaging.writing import encode

GAINS = Gains(lowest=-1.5, highest=2.5, headroom=2.25, offset=1 / 64)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="kept"/></rdf:RDF></x:xmpmeta>'
)


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    across, down = torch.meshgrid(torch.linspace(0, 1, 120), torch.linspace(0, 1, 80), indexing="xy")
    return torch.stack([across, down, 1 - across]), torch.stack([down, across, down])


def joined(pictures: tuple[torch.Tensor, torch.Tensor], metadata: Metadata | None = None) -> bytes:
    base, gain_map = pictures
    return join(encode(base, ".jpg", metadata=metadata or Metadata()), encode(gain_map, ".jpg"), GAINS)


def applied(base: np.ndarray, gain_map: np.ndarray) -> np.ndarray:
    """The formula of the format for a screen with all the headroom, from pixels of 8 bits."""
    code = base / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    boost = 2 ** (GAINS.lowest + gain_map / 255 * (GAINS.highest - GAINS.lowest))
    shown: np.ndarray = ((light + GAINS.offset) * boost - GAINS.offset).clip(0)
    return shown


def both(encoded: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Base and gain map as a reader finds them by the Multi-Picture index."""
    file = MpoImagePlugin.MpoImageFile(io.BytesIO(encoded))
    assert file.n_frames == 2
    base = np.asarray(file.convert("RGB")).astype(float)
    file.seek(1)
    return base, np.asarray(file.convert("RGB")).astype(float)


def test_libultrahdr_gives_the_radiance(pictures: tuple[torch.Tensor, torch.Tensor]) -> None:
    """Its own decoder and arithmetic agree with the formula to half floats and its tables."""
    encoded = joined(pictures)
    shown = imagecodecs.ultrahdr_decode(encoded, boost=2.0**16)[..., :3].astype(float)
    apart = np.abs(np.log2((shown + GAINS.offset) / (applied(*both(encoded)) + GAINS.offset)))
    assert apart.mean() < 0.01 and apart.max() < 0.05


def test_base_and_map_are_the_very_files(pictures: tuple[torch.Tensor, torch.Tensor]) -> None:
    plain = [np.asarray(Image.open(io.BytesIO(encode(one, ".jpg"))).convert("RGB")) for one in pictures]
    encoded = joined(pictures)
    for found, expected in zip(both(encoded), plain, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(Image.open(io.BytesIO(encoded)).convert("RGB"), plain[0])


def test_xmp_says_the_same_to_older_readers(pictures: tuple[torch.Tensor, torch.Tensor]) -> None:
    encoded = joined(pictures)
    length = int(re.findall(rb'Item:Semantic="GainMap"[^>]*?Item:Length="(\d+)"', encoded)[0])
    second = encoded[-length:]
    assert second.startswith(b"\xff\xd8\xff\xe1")
    said = dict(re.findall(rb'hdrgm:(\w+)="([^"]*)"', second))
    assert encoded.count(b'hdrgm:Version="1.0"') == 2 and said[b"BaseRenditionIsHDR"] == b"False"
    numbers = [float(said[name]) for name in (b"GainMapMin", b"GainMapMax", b"HDRCapacityMax", b"OffsetSDR")]
    assert numbers == pytest.approx(list(GAINS), abs=1e-6)


def test_metadata_of_the_base_stay(pictures: tuple[torch.Tensor, torch.Tensor]) -> None:
    exif = Image.Exif()
    exif[271] = "Maker"
    icc = imagecodecs.cms_profile("srgb")
    metadata = Metadata(exif.tobytes().removeprefix(b"Exif\0\0"), icc)._replace(xmp=XMP)
    encoded = joined(pictures, metadata)
    with Image.open(io.BytesIO(encoded)) as picture:
        assert picture.getexif()[271] == "Maker" and picture.info["icc_profile"] == icc
        assert b'dc:format="kept"' in picture.info["xmp"] and b"GainMap" in picture.info["xmp"]
    assert encoded.count(b"http://ns.adobe.com/xap/1.0/\0") == 2
    assert imagecodecs.ultrahdr_decode(encoded).shape == (80, 120, 4)


def test_no_room_is_told(pictures: tuple[torch.Tensor, torch.Tensor]) -> None:
    stuffed = XMP.replace(b"kept", b"x" * (65000 - len(XMP)))
    with pytest.raises(InputError, match="room for the description of a gain map"):
        joined(pictures, Metadata(xmp=stuffed))
