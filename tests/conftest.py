"""Fixtures and limits shared by every test."""

import os

# Several processes share the cores during the suite; one thread each is several times faster here.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of research photographs and golden values beside the checkout, or a skip."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout")
    return SHARED
