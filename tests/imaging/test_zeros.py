from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import RAW
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
