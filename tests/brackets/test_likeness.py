"""Whether two exposures show one scene, whatever their light."""

import warnings
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.likeness import ENOUGH, detail, likeness, refuse_different
from hdr_lightning.errors import InputError
from tests.brackets.lights import scene_light


def test_likeness_tells_scenes_apart_whatever_the_exposure() -> None:
    def shown(seed: int, stops: float) -> np.ndarray:
        return (255 * np.clip(scene_light(seed) * 2.0**stops * 0.3, 0, 1) ** (1 / 2.2)).astype(np.uint8)

    same = [likeness(detail(shown(seed, -2)), detail(shown(seed, 1))).correlation for seed in range(12)]
    other = [likeness(detail(shown(seed, -1)), detail(shown(seed + 50, 1))).correlation for seed in range(12)]
    assert min(same) > 0.5 and max(other) < 0.3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refuse_different([shown(0, -2), shown(0, 0), shown(0, 2)], ["a", "b", "c"])
    with pytest.raises(InputError, match=r"one scene. Got . and ., whose detail correlates by"):
        refuse_different([shown(0, -2), shown(1, 0), shown(2, 1)], ["a", "b", "c"])


def test_fine_structure_has_the_last_word() -> None:
    def wall(seed: int, stops: float) -> np.ndarray:
        fine = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(960, 1440)), (0, 0), 0.7)
        fine -= cv2.GaussianBlur(fine, (0, 0), 2)
        light = np.clip(0.2 * np.exp(0.2 * fine / fine.std()) * 2.0**stops, 0, 1) ** (1 / 2.2)
        noise = np.random.default_rng(int(stops) + 9).normal(size=light.shape)
        return np.clip(255 * light + noise, 0, 255).round().astype(np.uint8)[..., None].repeat(3, -1)

    assert likeness(detail(wall(0, -4)), detail(wall(0, 1))).different  # no thumbnail shows it
    refuse_different([wall(0, -4), wall(0, 1)], ["a", "b"])
    with pytest.raises(InputError, match=r"one scene\. Got a and b"):
        refuse_different([wall(0, -4), wall(1, 1)], ["a", "b"])


@pytest.mark.parametrize("scene", ["mefb/WindowTrim", "pairs/fusiondn_17", "pairs/fusiondn_24"])
def test_real_pairs_far_apart_are_not_refused(shared: Path, scene: str) -> None:
    files = sorted((shared / "data" / scene).iterdir())
    photographs = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    assert likeness(*map(detail, photographs)).different
    refuse_different(photographs, ["a", "b"])


def test_real_brackets_are_told_apart(shared: Path) -> None:
    scenes = sorted(path for path in (shared / "data" / "stacks").iterdir() if path.is_dir())[:12]
    found = [
        [detail(np.asarray(Image.open(file).convert("RGB"))) for file in sorted(scene.glob("*.jpg"))]
        for scene in scenes
    ]
    for details in found:
        alike = [likeness(one, other) for one, other in pairwise(details)]
        assert min(pair.correlation for pair in alike if pair.overlap >= ENOUGH) > 0.75
    middles = [details[len(details) // 2] for details in found]
    told_apart = [likeness(one, other).different for one, other in pairwise(middles)]
    assert sum(told_apart) >= len(told_apart) - 1
