import pytest
import torch

from hdr_lightning.figures.scene import LoadedScene


@pytest.fixture
def scene() -> LoadedScene:
    dark = torch.rand(3, 48, 64, generator=torch.Generator().manual_seed(0)) / 2
    return LoadedScene("s", torch.stack([dark, (2 * dark).clamp(max=1)]))
