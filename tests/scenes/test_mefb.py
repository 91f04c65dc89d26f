from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import find_scenes

Put = Callable[..., None]


def test_mefb_takes_any_case_and_type(put: Put, tmp_path: Path) -> None:
    for name in ("Door/Door_A.JPG", "Door/Door_B.tif", "cave/Cave_a.png", "cave/cave_b.jpg"):
        put(tmp_path / name)
    assert [scene.name for scene in find_scenes("mefb", tmp_path)] == ["cave", "Door"]
    put(tmp_path / "Door" / "Door2_B.png")
    with pytest.raises(InputError, match=r"one \*_A\.\* and one \*_B\.\* in .*Door"):
        find_scenes("mefb", tmp_path)
