from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import RAW
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.imaging.zeros import check_end


@pytest.mark.parametrize(
    ("shown", "zeros", "share"),
    [(100_000, 100_000, "50 %"), (1_000_000, 100_000, "9 %"), (3000, 600, "17 %"), (0, 5000, "100 %")],
)
def test_end_of_zeros_is_told(tmp_path: Path, shown: int, zeros: int, share: str) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(b"\1" * shown + bytes(zeros))
    with pytest.raises(
        InputError, match=rf"Expected a whole WebP file\. Got .*a\.webp: the last {share} are"
    ):
        check_end(path, "WebP")


@pytest.mark.parametrize(
    ("kind", "shown", "zeros"),
    [(RAW, 1_000_000, 60_000), (RAW, 1001, 500), ("BMP", 1000, 5000), (RAW, 0, 900)],
)
def test_what_may_be_so_is_not(tmp_path: Path, kind: str, shown: int, zeros: int) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(b"\1" * shown + bytes(zeros))
    check_end(path, kind)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_jpeg_whose_end_is_lost_is_refused_and_one_with_zeros_behind_it_is_read(
    tmp_path: Path, share: float
) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)).save(path)
    whole, pixels = path.read_bytes(), read_image(path)
    shown = int(share * len(whole))
    path.write_bytes(whole[:shown] + bytes(len(whole) - shown))
    with pytest.raises(InputError, match=r"a whole JPEG file\. Got .*a\.jpg: the last"):
        read_image(path)
    path.write_bytes(whole + bytes(len(whole)))
    np.testing.assert_array_equal(read_image(path), pixels)
