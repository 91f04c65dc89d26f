"""Results, previews and what others wrote, told apart in every kind of file that is written."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hdr_lightning.imaging.light import LIGHT_SUFFIXES, encode_light
from hdr_lightning.imaging.marks import is_preview_file, is_result_file
from hdr_lightning.imaging.metadata import NOTHING, PREVIEW_RESULT, RESULT, of_result
from hdr_lightning.imaging.writing import WRITTEN_SUFFIXES, encode


@pytest.mark.parametrize("suffix", sorted(WRITTEN_SUFFIXES | LIGHT_SUFFIXES))
def test_result_and_preview_are_told_apart(tmp_path: Path, suffix: str) -> None:
    for program, preview in ((RESULT, False), (PREVIEW_RESULT, True)):
        path = tmp_path / f"{preview}{suffix}"
        if suffix in LIGHT_SUFFIXES:
            content = encode_light(np.ones((20, 30, 3), np.float32), suffix, [0.0, 1.0], program)
        else:
            content = encode(torch.zeros(3, 20, 30), suffix, metadata=of_result(NOTHING, program=program))
        path.write_bytes(content)
        assert is_result_file(path) and is_preview_file(path) == preview


def test_files_of_others_are_no_results(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0131] = "camera 1.0 preview"
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    (tmp_path / "b.hdr").write_bytes(b"#?RADIANCE\nSOFTWARE=other\n")
    (tmp_path / "c.png").write_bytes(b"hdr-lightning 1.0 preview")  # no light
    for path in (*tmp_path.iterdir(), tmp_path / "none.png", tmp_path):
        assert not is_result_file(path) and not is_preview_file(path)
