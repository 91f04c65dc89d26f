"""A bracket for those who have none."""

from pathlib import Path

import numpy as np
from PIL import Image

from hdr_lightning.studio.demo import NAMES, write_demo


def test_demo_is_a_bracket_from_dark_to_bright(tmp_path: Path) -> None:
    write_demo(tmp_path)
    pictures = [np.asarray(Image.open(tmp_path / name)) for name in NAMES]
    assert sorted(path.name for path in tmp_path.iterdir()) == list(NAMES)
    assert len({picture.shape for picture in pictures}) == 1
    levels = [picture.mean() for picture in pictures]
    assert levels[0] < 60 < levels[1] < levels[2]
