import numpy as np
import pytest
import skimage.data

from hdr_lightning.brackets.turning import turns


def exposures(stops: tuple[float, ...], noise: float = 2.0) -> list[np.ndarray]:
    """A photograph that goes around, each exposure with noise of its own."""
    light = (skimage.data.coffee()[::2, ::2] / 255.0) ** 2.2
    random = np.random.default_rng(0)
    codes = [255 * np.clip(light * 2**stop, 0, 1) ** (1 / 2.2) for stop in stops]
    return [
        (code + random.normal(0, noise, code.shape)).clip(0, 255).round().astype(np.uint8) for code in codes
    ]


@pytest.mark.parametrize("stops", [(0, -2, 2), (-4, 0, 4), (1, -1)])
def test_turns_are_found(stops: tuple[float, ...]) -> None:
    still = exposures(stops)
    assert turns(still) == [0] * len(stops)
    known = [0, -13, 8][: len(stops)]
    moved = [np.roll(image, -turn, 1) for image, turn in zip(still, known, strict=True)]
    found = turns(moved)
    assert [turn - found[0] for turn in found] == known
    middle = sorted(range(len(stops)), key=lambda place: stops[place])[(len(stops) - 1) // 2]
    assert found[middle] == 0
    assert turns(moved, 1) == [turn - known[1] for turn in known]
    deep = [image.astype(np.uint16) * 257 for image in moved]
    assert turns(deep) == found


def test_exposures_that_share_nothing_are_not_turned() -> None:
    random = np.random.default_rng(1)
    noise = [random.integers(0, 256, (90, 180, 3), np.uint8) for _ in range(2)]
    assert turns(noise) == [0, 0]
    black, white = (np.full((90, 180, 3), level, np.uint8) for level in (0, 255))
    assert turns([black, noise[0], white]) == [0, 0, 0]
    almost = black.copy()
    almost[:3, :20] = noise[1][:3, :20]
    assert turns([almost, noise[0]]) == [0, 0]
    assert turns([noise[0]]) == [0]
