import numpy as np
import pytest

from hdr_lightning.channels import highest, in_unit, interpolated, mean

RANDOM = np.random.default_rng(0)


def image(kind: str) -> np.ndarray:
    if kind == "float32":
        return RANDOM.random((9, 7, 3), np.float32)
    return RANDOM.integers(np.iinfo(kind).max, size=(9, 7, 3), endpoint=True, dtype=kind)


@pytest.mark.parametrize(("kind", "most"), [("uint8", 255), ("uint16", 65535), ("float32", 1)])
def test_curves_are_those_of_numpy_pixel_by_pixel(kind: str, most: int) -> None:
    pixels, tables = image(kind), RANDOM.random((3, 64))
    np.testing.assert_array_equal(in_unit(pixels), pixels.astype(np.float32) / np.float32(most))
    expected = np.empty(pixels.shape, np.float32)
    for place in np.ndindex(pixels.shape):
        value = np.float32(pixels[place]) / np.float32(most)
        expected[place] = np.interp(value, np.linspace(0, 1, 64), tables[place[2]])
    found = interpolated(pixels, tables)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_reductions_are_those_of_numpy() -> None:
    values = image("float32")
    np.testing.assert_array_equal(highest(values), values.max(axis=-1))
    np.testing.assert_array_equal(mean(values), values.mean(axis=-1))
