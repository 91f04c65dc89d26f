from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def put() -> Callable[..., None]:
    """Writes a small picture of one gray level, with the folders that it lies in."""

    def written(path: Path, level: int = 100) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), level, np.uint8)).save(path)

    return written
