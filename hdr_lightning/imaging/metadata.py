"""What a file says of its photograph besides the pixels: EXIF, XMP, IPTC and the colour profile."""

import io
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import tifffile
from PIL import Image
from PIL.ExifTags import IFD, Base

from hdr_lightning import __version__
from hdr_lightning.imaging import jxl, pillow, raw, xmp
from hdr_lightning.imaging.kinds import RAW, kind_of

PROGRAM = "hdr-lightning"
"""How the field Software of a result begins."""
RESULT = f"{PROGRAM} {__version__}"
"""The field Software of a result."""
PREVIEW_RESULT = f"{RESULT} preview"
"""That of a result that is reduced to the size of a screen, to be followed by the whole."""
_KEPT = {
    *(Base.ImageDescription, Base.Make, Base.Model, Base.Software),
    *(Base.XResolution, Base.YResolution, Base.ResolutionUnit),
    *(Base.DateTime, Base.Artist, Base.HostComputer, Base.Copyright),
    *(Base.Rating, Base.RatingPercent),
    *(Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject),
}
"""Tags that describe the photograph. The others describe how its file, or a thumbnail in it, is stored."""
_NOT_KEPT = {Base.ExifImageWidth, Base.ExifImageHeight, IFD.Interop}
"""Tags inside that describe the file: its own size, and which colours it has where there is no profile."""
_LAYOUTS = ('{"shape', "ImageJ=")
"""How descriptions begin by which scientific programs tell the layout of a TIFF."""
_SRGB, _UNCALIBRATED, _INCH = 1, 65535, 2
_JFIF_INCHES = {1: 1.0, 2: 2.54}
_IPTC_IN_PHOTOSHOP, _IPTC_IN_TIFF, _IPTC_BEGIN = 0x0404, 33723, b"\x1c"
_XMP_IN_TIFF, _ICC_IN_TIFF = 700, 34675


class Metadata(NamedTuple):
    """What a file says of its photograph, ready to attach; empty where it says nothing.

    Attributes:
        exif: A small TIFF file, as EXIF is stored everywhere. Orientation and sizes are left out: the pixels
            are upright, and every image format has its own size.
        icc: The colour profile of RGB pixels.
        xmp: An XMP packet, without what says how the file was developed or stored.
        iptc: IPTC-IIM records: title, keywords, credit.
    """

    exif: bytes = b""
    icc: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""


NOTHING = Metadata()


def read_metadata(path: Path) -> Metadata:
    """What an image file says of its photograph; what cannot be read is left out with a warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif, said = _read(path, kind_of(path))
            found = described(exif, said.get("dpi"))
    except Exception as error:  # metadata comes from any program there ever was, and no image is lost with it
        warnings.warn(f"Expected readable metadata. Got {path}: left out ({error})", stacklevel=2)
        return NOTHING
    # profiles of gray and CMYK photographs do not fit: their pixels have become RGB
    icc = said.get("icc_profile") or b""
    packet = xmp.cleaned(said.get("xmp") or b"")
    return Metadata(found, icc if icc[16:20] == b"RGB " else b"", packet, said.get("iptc") or b"")


def read_exif(path: Path) -> Image.Exif:
    """The EXIF of an image file of any kind.

    Raises:
        Exception: It cannot be read; of any type.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _read(path, kind_of(path))[0]


def of_result(
    metadata: Metadata, profile: bytes = b"", same_size: bool = True, program: str = RESULT
) -> Metadata:
    """The metadata of what was fused, from those of one exposure: marked as a result.

    Args:
        metadata: Those of an exposure.
        profile: The colour profile of the result; empty for sRGB.
        same_size: Whether nothing was cropped or reduced, so that a panorama still covers its sphere.
        program: `RESULT` or `PREVIEW_RESULT`.
    """
    exif = Image.Exif()
    if metadata.exif:
        exif.load(metadata.exif)
    inner = dict(exif.get_ifd(IFD.Exif)) | {Base.ColorSpace: _UNCALIBRATED if profile else _SRGB}
    place = exif.get_ifd(IFD.GPSInfo)
    exif[Base.Software] = program
    marked = _joined(exif, inner, place)
    packet = metadata.xmp if same_size else xmp.without_panorama(metadata.xmp)
    return Metadata(marked, profile, packet, metadata.iptc)


def _read(path: Path, kind: str) -> tuple[Image.Exif, dict[str, Any]]:
    """EXIF and, under Pillow's names, what else there is."""
    exif = Image.Exif()
    if kind == "EXR":
        return exif, {}
    if kind == "JPEG XL":
        found = jxl.read(path)
        if found.exif:
            exif.load(found.exif)
        return exif, {"icc_profile": found.samples.profile}
    if kind == "TIFF" or (kind == RAW and raw.is_tiff(path)):
        return _of_tiff(path)
    if kind == RAW:
        exif.load(_exif_of_jpeg(raw.preview(path)))
        return exif, {}
    with pillow.opened(path, kind) as picture:
        exif, said = picture.getexif(), _said(picture)
    said["iptc"] = (said.get("photoshop") or {}).get(_IPTC_IN_PHOTOSHOP)
    return exif, said


def _of_tiff(path: Path) -> tuple[Image.Exif, dict[str, Any]]:
    """Without Pillow's view of the pixels, of which it does not know every kind."""
    exif = Image.Exif()
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(0)
        if start == b"MM\0+":
            return _of_big_tiff(path)
        if start == b"II+\0":
            exif.bigtiff, exif.endian = True, "<"
            exif.load_from_fp(stream, int.from_bytes(stream.read(16)[8:], "little"))
        elif start in (b"II*\0", b"MM\0*"):
            exif.load_from_fp(stream)
        else:  # cameras that wrote another number there
            exif.load((b"MM\0*" if start[:2] == b"MM" else b"II*\0") + stream.read()[4:])
        for folder in (IFD.Exif, IFD.GPSInfo, IFD.Interop):
            exif.get_ifd(folder)
    names = {"xmp": _XMP_IN_TIFF, "icc_profile": _ICC_IN_TIFF, "iptc": _IPTC_IN_TIFF}
    said = {name: exif[tag] for name, tag in names.items() if isinstance(exif.get(tag), bytes)}
    if isinstance(exif.get(_IPTC_IN_TIFF), int):  # as far as Pillow reads numbers there
        said["iptc"] = _iptc_of_words(path)
    return exif, said


def _iptc_of_words(path: Path) -> bytes:
    """IPTC that is stored as numbers of 32 bits, as Photoshop began it; some programs turned each round."""
    with tifffile.TiffFile(path) as tiff:
        tag: Any = tiff.pages.first.tags[_IPTC_IN_TIFF]
        tiff.filehandle.seek(tag.valueoffset)
        records: bytes = tiff.filehandle.read(4 * tag.count)
    if records.startswith(_IPTC_BEGIN):
        return records
    return b"".join(records[start : start + 4][::-1] for start in range(0, len(records), 4))


def _of_big_tiff(path: Path) -> tuple[Image.Exif, dict[str, Any]]:
    """Of one whose bytes stand in the order that Pillow does not expect in it."""
    with pillow.opened(path, "TIFF") as picture:
        return picture.getexif(), _said(picture)


def _said(picture: Image.Image) -> dict[str, Any]:
    said = {str(name): value for name, value in picture.info.items()}
    if picture.format != "PNG":  # elsewhere Pillow makes one up
        said["dpi"] = None
    if unit := _JFIF_INCHES.get(said.get("jfif_unit", 0)):
        said["dpi"] = tuple(unit * density for density in said["jfif_density"])
    return said


def _exif_of_jpeg(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
        return bytes(picture.info.get("exif") or b"")


def described(exif: Image.Exif, dpi: Any = None) -> bytes:
    """What EXIF says of the photograph, as bytes, with pixels per inch added where it has none."""
    kept = Image.Exif()
    kept.update({tag: value for tag, value in exif.items() if tag in _KEPT})
    if dpi and Base.XResolution not in kept:
        kept.update({Base.XResolution: dpi[0], Base.YResolution: dpi[1], Base.ResolutionUnit: _INCH})
    return _joined(kept, exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo))


def _joined(exif: Image.Exif, inner: dict[int, Any], place: dict[int, Any]) -> bytes:
    """The bytes of EXIF with the folders inside it."""
    kept = Image.Exif()
    kept.update({tag: text(value) for tag, value in exif.items() if tag in _KEPT})
    if str(exif.get(Base.ImageDescription, "")).startswith(_LAYOUTS):
        del kept[Base.ImageDescription]
    if inner := {tag: text(value) for tag, value in inner.items() if tag not in _NOT_KEPT}:
        kept[IFD.Exif] = inner
    if place:
        kept[IFD.GPSInfo] = {tag: text(value) for tag, value in place.items()}
    whole: bytes = kept.tobytes()
    return whole.removeprefix(b"Exif\0\0") if len(kept) else b""


class _Latin(str):
    """Text that Pillow writes as the bytes it read, where it would write question marks for umlauts."""

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return super().encode("latin-1", "replace")


def text(value: Any) -> Any:
    """A value of EXIF as Pillow is to be given it to write what it read."""
    return _Latin(value) if isinstance(value, str) else value
