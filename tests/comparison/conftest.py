from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_pictures() -> Callable[..., None]:
    """Writes pictures of a test scene into the folder of a run: of these names."""

    def written(run: Path, scene: str, *names: str) -> None:
        folder = run / "images" / "test" / scene
        folder.mkdir(parents=True)
        for name in names:
            Image.fromarray(np.full((30, 40, 3), 99, np.uint8)).save(folder / f"{name}.png")

    return written
