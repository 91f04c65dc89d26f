import numpy as np
import pytest

from hdr_lightning.brackets.agreeing import agree
from hdr_lightning.errors import InputError

LIGHT = np.random.default_rng(0).random((24, 32, 3))


def exposed(gain: float) -> np.ndarray:
    return (gain * 255 * LIGHT).astype(np.uint8)


def test_photographs_come_dark_to_bright() -> None:
    found = agree([exposed(0.9), exposed(0.2), exposed(0.5)], None, ["a", "b", "c"], "never")
    assert found.sources == (1, 2, 0) and found.moved == 0 and found.ghosts is None
    means = [image.mean() for image in found.photographs]
    assert means == sorted(means)


def test_single_photograph_agrees_with_itself() -> None:
    found = agree([exposed(0.5)], None, ["a"])
    assert found.sources == (0,) and found.photographs[0] is not None


def test_opacity_follows_the_order_and_is_none_where_all_are_opaque() -> None:
    alpha = np.full((24, 32), 255, np.uint8)
    alpha[:, :8] = 0
    pair, names = [exposed(0.9), exposed(0.2)], ["a", "b"]
    found = agree(pair, None, names, "never", alphas=[alpha, None])
    assert found.alphas is not None and found.alphas[0].min() == 255 and found.alphas[1].min() == 0
    assert agree(pair, None, names, "never", alphas=[None, None]).alphas is None


def test_other_sizes_are_named() -> None:
    with pytest.raises(InputError, match="b"):
        agree([exposed(0.5), exposed(0.9)[:20]], None, ["a", "b"])
