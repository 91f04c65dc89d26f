from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.shots import Shot, read_shot


def test_light_clock_and_mode_are_those_of_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera 5"
    inner = {0x829A: 1 / 50, 0x829D: 8.0, 0x8827: 100, 0x9003: "2024:05:01 12:00:10", 0x9291: "25", 0xA402: 2}
    exif.get_ifd(0x8769).update(inner)
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    shot = read_shot(tmp_path / "a.jpg")
    assert shot.stops == pytest.approx(np.log2(1 / 50 / 64), abs=1e-3)
    assert shot.duration == pytest.approx(0.02)
    assert shot.taken is not None and shot.taken % 60 == pytest.approx(10.25)
    assert shot.camera == "Camera 5 [20, 30]"
    assert shot.bracketing is True and shot.result is False


def test_more_light_is_more_stops(tmp_path: Path) -> None:
    stops = []
    for seconds in (1 / 100, 1 / 50):
        exif = Image.Exif()
        exif.get_ifd(0x8769).update({0x829A: seconds, 0x829D: 8.0, 0x8827: 100})
        Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
        stops.append(read_shot(tmp_path / "a.jpg").stops)
    assert stops[1] - stops[0] == pytest.approx(1, abs=1e-3)


def test_file_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    assert read_shot(tmp_path / "a.jpg") == Shot(tmp_path / "a.jpg")
    assert Shot(tmp_path / "a.jpg").detail is None
    assert Shot(tmp_path / "missing.jpg").detail is None
