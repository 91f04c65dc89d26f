"""How much light a photograph took, as its EXIF tells."""

from PIL import Image
from PIL.ExifTags import IFD, Base


def exposure_of(exif: Image.Exif) -> float | None:
    """Light that a photograph took, time x sensitivity / aperture^2, in s; None where EXIF does not tell.

    100 ISO and aperture 1 where these are not told: within a bracket they are usually the same.
    """
    said = exif.get_ifd(IFD.Exif)
    try:
        time = float(said[Base.ExposureTime])
        speed = said.get(Base.ISOSpeedRatings) or 100
        sensitivity = float(speed[0] if isinstance(speed, tuple) else speed) / 100
        aperture = float(said.get(Base.FNumber) or 1)
        found = time * sensitivity / aperture**2
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return found if 0 < found < float("inf") else None
