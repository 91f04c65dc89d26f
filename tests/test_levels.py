"""Pixels of 8 and 16 bits as floats and back."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from hdr_lightning.levels import to_float, to_pixels

RNG = np.random.default_rng(0)


def test_to_float_spans_zero_to_one() -> None:
    assert_close(to_float(np.full((2, 3, 3), 255, np.uint8)), torch.ones(3, 2, 3))
    stack = RNG.integers(0, 65536, (2, 4, 5, 3), dtype=np.uint16)
    assert_close(to_float(stack)[1, 2, 3, 4], torch.tensor(float(stack[1, 3, 4, 2]) / 65535))


@pytest.mark.parametrize(("kind", "bits"), [(np.uint8, 8), (np.uint16, 16)])
def test_pixels_come_back_exactly(kind: type, bits: int) -> None:
    pixels = RNG.integers(0, 2**bits, (300, 219, 3), dtype=kind)
    np.testing.assert_array_equal(to_pixels(to_float(pixels), bits), pixels)


def test_values_outside_are_clipped() -> None:
    np.testing.assert_array_equal(to_pixels(torch.tensor([[[-1.0, 0.5, 2.0]]]), 8)[0, :, 0], [0, 128, 255])
