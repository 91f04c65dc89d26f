import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from hdr_lightning.radiance.recorded import exposure_of


def exif(**said: object) -> Image.Exif:
    written, read = Image.Exif(), Image.Exif()
    written[IFD.Exif] = {getattr(Base, name): value for name, value in said.items()}
    read.load(written.tobytes())
    return read


def test_light_is_time_by_sensitivity_by_opening() -> None:
    """1/50 s at 400 ISO and f/4 is a stop less than 1/50 s at 200 ISO and f/2."""
    one = exposure_of(exif(ExposureTime=0.02, ISOSpeedRatings=400, FNumber=4.0))
    two = exposure_of(exif(ExposureTime=0.02, ISOSpeedRatings=(200,), FNumber=2.0))
    assert one == pytest.approx(0.02 * 4 / 16)
    assert two == pytest.approx(2 * one)
    assert exposure_of(exif(ExposureTime=0.02)) == pytest.approx(0.02)


@pytest.mark.parametrize("time", [None, 0, -1.0, "soon", float("nan"), float("inf")])
def test_what_is_no_exposure(time: object) -> None:
    whole = exif(FNumber=4.0) if time is None else Image.Exif()
    if time is not None:
        whole.get_ifd(IFD.Exif)[Base.ExposureTime] = time
    assert exposure_of(whole) is None
