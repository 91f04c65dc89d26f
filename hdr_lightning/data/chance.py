"""The chance of a sampler, as functions of a generator: places, parts, shares, turns."""

import math
from collections.abc import Sequence

import numpy as np

from hdr_lightning.data.specs import SceneSize

EXTREMES, WHOLE = 0.4, 0.3
"""Chance that the darkest and brightest exposure of a bracket are fused, and that all are."""


def part_of(random: np.random.Generator, count: int) -> list[int]:
    """Positions of from 2 to all of so many exposures, in order."""
    chance = random.random()
    if chance < EXTREMES:
        return [0, count - 1]
    if chance < EXTREMES + WHOLE:
        return list(range(count))
    return sorted(random.permutation(count)[: random.integers(2, count + 1)].tolist())


def grid(sizes: Sequence[SceneSize], group: Sequence[int], patch_size: int, stride: int) -> np.ndarray:
    """Rows (scene, top, left) of the patches that cover the scenes of a group, to the last row and column."""
    places = [
        (index, top, left)
        for index in group
        for top in _starts(sizes[index].height, patch_size, stride)
        for left in _starts(sizes[index].width, patch_size, stride)
    ]
    return np.array(places)


def _starts(length: int, patch_size: int, stride: int) -> list[int]:
    last = max(length - patch_size, 0)
    return [*range(0, last, stride), last]


def shares(available: Sequence[int], wanted: int | None) -> list[int]:
    """How many patches each group contributes, in proportion to what it has, and at least one if possible."""
    total = sum(available)
    edges = np.rint(np.cumsum([0, *available]) * ((wanted or total) / max(total, 1))).astype(int)
    found = np.diff(edges)
    for rare in np.flatnonzero(found == 0) if found.sum() >= len(found) else ():
        found[[rare, found.argmax()]] += [1, -1]
    return found.tolist()


def cycle(random: np.random.Generator, count: int, wanted: int) -> np.ndarray:
    """`wanted` of the numbers below `count` in random order: none again before all had their turn."""
    rounds = [random.permutation(count) for _ in range(math.ceil(wanted / count))]
    return np.concatenate([*rounds, np.zeros(0, dtype=int)])[:wanted]
