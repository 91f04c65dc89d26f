"""What a file really is, told from its first bytes and not from its name."""

from pathlib import Path
from typing import Final

from hdr_lightning.errors import InputError

_CAMERAS = (
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw"),
    *(".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw"),
)
RAW_SUFFIXES: Final = frozenset(_CAMERAS)
IMAGE_SUFFIXES: Final = RAW_SUFFIXES | {
    *(".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".tif", ".tiff", ".webp", ".bmp"),
    *(".jp2", ".j2k", ".avif", ".heic", ".heif", ".hif", ".jxl", ".exr"),
}
"""Suffixes (in lower case) of the files that count as photographs; compare with `path.suffix.lower()`."""

RAW: Final = "raw"
PICTURES: Final = ("JPEG", "PNG", "TIFF", "WebP", "BMP", "JPEG 2000", "AVIF", "HEIC", "JPEG XL", "EXR", RAW)
_ENOUGH = 512

_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    *((start, "TIFF") for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"v/1\x01", "EXR"),
    *((start, RAW) for start in (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")),
    (b"II\x1a\0\0\0HEAPCCDR", RAW),
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"#?RA", "a Radiance HDR picture"),
    (b"#?RGBE", "a Radiance HDR picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a Git LFS pointer, whose file was not fetched"),
    (b"gimp xcf", "a GIMP document"),
)
_BRANDS: Final = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": RAW, b"qt  ": "a video"}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def kind_of(path: Path) -> str:
    """What a file is: one of `PICTURES`.

    Raises:
        InputError: It is something else, which is named, or no file.
    """
    if not path.is_file():
        raise InputError(f"Expected an image file. Got {path}, which does not exist or is a folder")
    try:
        with path.open("rb") as stream:
            head = stream.read(_ENOUGH)
    except OSError as error:
        raise InputError(f"Expected a readable image. Got {path}: {error.strerror}") from error
    found = _named(head)
    if found not in PICTURES:
        raise InputError(f"Expected a photograph ({', '.join(PICTURES)}). Got {path}: {found}")
    return found


def _named(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head[8:10] == b"CR" and head[:2] in (b"II", b"MM"):
        return RAW
    if head[:4] == b"RIFF":
        return "WebP" if head[8:12] == b"WEBP" else "a RIFF file, such as sound or video"
    if head[4:8] == b"ftyp":
        return _container(head)
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return _textual(head)


def _container(head: bytes) -> str:
    """Of the files of boxes that MP4 began, by its brands."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, end, 4))]
    for brand in brands:
        if brand in _BRANDS:
            return _BRANDS[brand]
    return "HEIC" if _HEIC_BRANDS & set(brands) else "a video"


def _textual(head: bytes) -> str:
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if b"<svg" in start:
        return "an SVG drawing"
    if not any(head):
        return "zeros, so the card or the copy was damaged"
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)
    return "text" if printable == len(head) else "not an image, or damaged"
