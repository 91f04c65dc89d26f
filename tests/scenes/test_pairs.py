from collections.abc import Callable
from pathlib import Path

import pytest

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import find_scenes

Put = Callable[..., None]


def test_pairs_wants_one_under_and_one_over(put: Put, tmp_path: Path) -> None:
    for name in ("Under.JPG", "over.png", "truth.png"):
        put(tmp_path / "a" / name)
    (scene,) = find_scenes("pairs", tmp_path)
    assert {file.name for file in scene.files} == {"Under.JPG", "over.png"}
    put(tmp_path / "a" / "under.png")
    with pytest.raises(InputError, match=r"one under\.\* and one over\.\* in .*a\. Got .*Under\.JPG"):
        find_scenes("pairs", tmp_path)
