import io
from pathlib import Path

import exifread
import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.sequence import Sequence, sequence_of
from tests.brackets import notes

NOTES = {
    "Canon": (notes.canon(-4 / 3, place=500), Sequence(True, -1.34375)),  # 43 of 32, as Canon stores thirds
    "NIKON CORPORATION": (notes.nikon(-2 / 3, order=">"), Sequence(True, -2 / 3)),
    "SONY": (notes.sony(3), Sequence(True, None, 3)),
    "FUJIFILM": (notes.fujifilm(3), Sequence(True, None, 3)),
    "Panasonic": (notes.panasonic(3), Sequence(True, None, 3)),
    "OLYMPUS CORPORATION": (notes.olympus(3), Sequence(True, None, 3)),
}


def read_again(exif: Image.Exif, path: Path) -> Sequence:
    Image.new("RGB", (16, 16)).save(path, exif=exif)
    with Image.open(path) as picture:
        return sequence_of(picture.getexif())


@pytest.mark.parametrize("make", NOTES)
def test_notes_tell_series(make: str, tmp_path: Path) -> None:
    note, told = NOTES[make]
    assert read_again(notes.noted(make, note), tmp_path / "a.jpg") == told
    assert read_again(notes.noted(make, note, mode=1), tmp_path / "a.jpg") == told


@pytest.mark.parametrize(
    ("make", "note"),
    [
        ("Canon", notes.canon(0, mode=4)),
        ("NIKON CORPORATION", notes.nikon(0, mode=0x51)),
        ("SONY", notes.sony(1, mode=2)),
        ("SONY", b"SONY DSC \0\0\0" + notes.sony(1, mode=0)),
        ("FUJIFILM", notes.fujifilm(1, mode=0)),
        ("Panasonic", notes.panasonic(1, mode=8)),
        ("OLYMPUS CORPORATION", notes.olympus(1, mode=1)),
        ("OLYMPUS CORPORATION", notes.olympus(1, kinds=2)),
    ],
)
def test_other_series_are_no_brackets(make: str, note: bytes, tmp_path: Path) -> None:
    assert read_again(notes.noted(make, note), tmp_path / "a.jpg") == Sequence(False)
    assert read_again(notes.noted(make, note, mode=2), tmp_path / "a.jpg") == Sequence(True)


def test_exif_alone_tells_only_whether(tmp_path: Path) -> None:
    told = [read_again(notes.noted("Any", b"unknown", mode), tmp_path / "a.jpg") for mode in (None, 0, 1, 2)]
    assert told == [Sequence(), Sequence(False), Sequence(False), Sequence(True)]


def test_another_reader_finds_the_same() -> None:
    """ExifRead knows these; its names and words are its own, and it reads signed numbers as unsigned ones."""
    canon = notes.noted("Canon", notes.canon(-2))
    place = canon.tobytes().index(notes.canon(-2)) - 6
    files = {
        "Canon": notes.canon(-2, place=place),
        "NIKON CORPORATION": notes.nikon(-2 / 3),
        "SONY": notes.sony(3),
        "FUJIFILM": notes.fujifilm(3),
    }
    read = {}
    for make, note in files.items():
        file = io.BytesIO()
        Image.new("RGB", (16, 16)).save(file, "JPEG", exif=notes.noted(make, note))
        content = (
            file.getvalue()[:2] + file.getvalue()[20:]
        )  # cameras write no JFIF header, ExifRead expects none
        tags = exifread.process_file(io.BytesIO(content), extract_thumbnail=False)
        read[make] = {name.removeprefix("MakerNote "): str(tag) for name, tag in tags.items()}
    assert read["Canon"]["BracketMode"] == "AEB" and read["Canon"]["BracketValue"] == str(65536 - 64)
    assert read["NIKON CORPORATION"]["BracketingMode"] == "Single frame, exposure bracketing"
    assert read["NIKON CORPORATION"]["AEBracketCompensationApplied"] == "-2/3"
    assert read["SONY"]["ReleaseMode"].strip() == "Exposure Bracketing"
    assert read["SONY"]["SequenceNumber"] == "3"
    assert (read["FUJIFILM"]["MotorOrBracket"], read["FUJIFILM"]["Tag 0x1101"]) == ("On", "3")


@pytest.mark.parametrize("make", NOTES)
def test_note_that_is_cut_off_tells_nothing_wrong(make: str) -> None:
    note, told = NOTES[make]
    found = {sequence_of(notes.noted(make, note[:length])) for length in range(len(note))}
    assert Sequence() in found and found <= {Sequence(), told}


@pytest.mark.parametrize("make", NOTES)
def test_note_that_is_wrong_stops_nothing(make: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        wrong = bytearray(NOTES[make][0])
        for place in random.integers(0, len(wrong), 3):
            wrong[place] = random.integers(256)
        told = sequence_of(notes.noted(make, bytes(wrong)))
        assert told.offset is None or abs(told.offset) < 2**32
        assert told.number is None or told.number > 0
    assert sequence_of(notes.noted(make, b"")) == Sequence()


def test_canon_note_that_was_moved_badly_tells_nothing() -> None:
    note = notes.canon(-2, place=500)
    assert sequence_of(notes.noted("Canon", note)).offset == -2
    moved = note[:-4] + (512).to_bytes(4, "little")
    assert sequence_of(notes.noted("Canon", moved)) == Sequence()
