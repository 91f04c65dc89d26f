import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.testing import assert_close
from torch.utils.data import DataLoader

from hdr_lightning.data.patches import Batch, CachedScenes, PatchDataset, WholeSceneDataset
from hdr_lightning.data.sampling import PatchSampler
from hdr_lightning.data.specs import PatchSpec, Share, Tone
from hdr_lightning.errors import InputError
from hdr_lightning.scenes import cache as cache_module
from hdr_lightning.scenes import find_scenes
from hdr_lightning.scenes.cache import StackCache


def make_scenes(
    folder: Path, sizes: dict[str, tuple[int, int]], levels: tuple[int, ...] = (0, 100, 200)
) -> Path:
    random = np.random.default_rng(0)
    for name, size in sizes.items():
        (folder / name).mkdir(parents=True)
        for number, level in enumerate(levels):
            pixels = random.integers(level, level + 50, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_scenes(tmp_path / "data", {"a": (40, 56), "b": (56, 40), "c": (12, 30)})


def scenes(root: Path, exposures: str = "pair") -> CachedScenes:
    cache = StackCache(root.parent / "cache")
    found = find_scenes("folder", root, exposures)
    cache.build([scene.files for scene in found])
    return CachedScenes(found, cache)


def pixels(root: Path, scene: str, number: int) -> torch.Tensor:
    return torch.tensor(np.asarray(Image.open(root / scene / f"{number}.png"))).permute(2, 0, 1) / 255


@pytest.mark.parametrize(
    ("exposures", "expected"), [("pair", [[0, 2]]), ("stack", [[0, 1, 2]]), ("all_pairs", [[0, 1], [0, 2]])]
)
def test_scene_uses_the_exposures_that_it_picks(
    root: Path, exposures: str, expected: list[list[int]]
) -> None:
    dataset = WholeSceneDataset(scenes(root, exposures))
    for index, numbers in enumerate(expected):
        whole = torch.stack([pixels(root, "a", number) for number in numbers])
        assert_close(dataset[index].exposures, whole[None])
    assert scenes(root, exposures).size(0) == (len(expected[0]), 40, 56, "a")


def test_patch_is_cut_where_the_spec_says(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    batch = dataset[Share([PatchSpec(0, 24, 40, 0), PatchSpec(1, 3, 5, 0)], 2)]
    assert isinstance(batch, Batch)
    assert batch.names == ["a[24,40]", "b[3,5]"]
    assert batch.exposures.shape == (2, 2, 3, 16, 16) and batch.exposures.is_contiguous()
    assert_close(batch.exposures[0, 1], pixels(root, "a", 2)[:, 24:, 40:])
    assert_close(batch.exposures[1, 0], pixels(root, "b", 0)[:, 3:19, 5:21])


def test_turn_codes_are_the_eight_symmetries(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    turned = dataset[Share([PatchSpec(0, 0, 0, turn) for turn in range(8)], 8)].exposures
    for turn in range(8):
        expected = torch.rot90(turned[0], turn % 4, (-2, -1))
        assert_close(turned[turn], expected.flip(-1) if turn >= 4 else expected)
    assert len({patch.numpy().tobytes() for patch in turned}) == 8


def test_tones_change_each_exposure_as_a_camera_of_eight_bits_would(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    tones = (Tone(0.5, 1.5), Tone(1.2, 0.8))
    plain, toned = dataset[Share([PatchSpec(0, 4, 8, 5), PatchSpec(0, 4, 8, 5, tones)], 2)].exposures
    for before, after, tone in zip(plain, toned, tones, strict=True):
        assert_close(after, ((before * tone.gain).clamp(0, 1) ** tone.gamma * 255).round() / 255)


def test_scaled_patch_holds_the_averages_of_what_it_covers(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    patch = dataset[Share([PatchSpec(0, 8, 20, 0, scale=0.5)], 1)].exposures[0, 1]
    covered = pixels(root, "a", 2)[:, 8:40, 20:52] * 255
    assert_close(patch * 255, torch.nn.functional.avg_pool2d(covered, 2), rtol=0, atol=0.501)
    odd = dataset[Share([PatchSpec(0, 0, 0, 0, scale=0.7)], 1)].exposures[0, 1]
    means = odd.mean(), pixels(root, "a", 2)[:, :23, :23].mean()
    assert odd.shape == (3, 16, 16) and abs(means[0] - means[1]) < 0.003


def test_whole_scene_is_squeezed_into_the_patch(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 8)
    patch = dataset[Share([PatchSpec(0, 0, 0, 0, whole=True)], 1)].exposures[0, 1]
    averages = torch.nn.functional.avg_pool2d(pixels(root, "a", 2), (5, 7))  # of 40 x 56 pixels
    assert_close(patch * 255, averages * 255, rtol=0, atol=0.501)


def test_a_part_is_fused_beside_its_bracket(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    whole = dataset[Share([PatchSpec(0, 4, 8, 3)], 1)]
    part = dataset[Share([PatchSpec(0, 4, 8, 3, bracket=(0, 1), fused=(1,))], 1)]
    assert whole.bracket is None
    assert_close(part.bracket, whole.exposures)
    assert_close(part.exposures, whole.exposures[:, 1:])
    assert_close(part.only(0).bracket, part.bracket)


def test_small_scene_is_continued_by_reflection(root: Path) -> None:
    patch = PatchDataset(scenes(root), 36)[Share([PatchSpec(2, 0, 0, 0)], 1)].exposures[0, 0]
    small = pixels(root, "c", 0)
    assert_close(patch[:, :12, :30], small)
    assert_close(patch[:, 12, :30], small[:, 10])
    assert_close(patch[:, 30, :30], small[:, 8])  # down to row 11, back to row 0 at 22, down again
    assert_close(patch[:, :12, 35], small[:, :, 23])


def test_small_scene_is_refused_on_request(root: Path) -> None:
    with pytest.raises(InputError, match=r"at least 36 x 36 .*Got c with 30 x 12.*small_scenes=pad"):
        PatchDataset(scenes(root), 36, "refuse")
    with pytest.raises(InputError, match=r"data\.small_scenes out of pad, refuse. Got 'crop'"):
        PatchDataset(scenes(root), 36, "crop")
    PatchDataset(scenes(root), 12, "refuse")


@pytest.mark.parametrize("mode", ["grid", "random"])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_patches_do_not_depend_on_the_number_of_workers(root: Path, mode: str) -> None:
    def loaded(workers: int) -> list[Batch]:
        dataset = PatchDataset(scenes(root), 16)
        sampler = PatchSampler(dataset.sizes, 16, mode, batch_size=4, augment=True, seed=5)
        sampler.set_epoch(2)
        return list(DataLoader(dataset, batch_size=None, sampler=sampler, num_workers=workers))

    alone, together = loaded(0), loaded(2)
    assert len(alone) == len(together) > 2
    for one, two in zip(alone, together, strict=True):
        assert isinstance(two, Batch) and one.names == two.names
        assert_close(one.exposures, two.exposures, rtol=0, atol=0)


def test_patches_come_from_the_cache_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = PatchDataset(scenes(root), 16)
    monkeypatch.delattr(cache_module, "read_image")
    for share in PatchSampler(dataset.sizes, 16, batch_size=4):
        dataset[share]


def test_no_file_stays_open(root: Path) -> None:
    dataset = PatchDataset(scenes(root), 16)
    for _ in range(20):
        dataset[Share([PatchSpec(0, 0, 0, 0)], 1)]
    held = [path.resolve().suffix for path in Path("/proc/self/fd").iterdir()]
    assert ".npy" not in held


def test_reference_is_cut_and_turned_like_its_exposures_but_keeps_its_tones(root: Path) -> None:
    for scene in "abc":
        shutil.copy(root / scene / "2.png", root / scene / "reference.png")
    found = find_scenes("folder", root)
    assert [len(scene.files) for scene in found] == [3, 3, 3]
    dataset = PatchDataset(CachedScenes(found, StackCache(root.parent / "cache")), 16, references=True)
    specs = [
        PatchSpec(0, 7, 11, 5),
        PatchSpec(1, 20, 3, 2, (Tone(0.5, 1.0), Tone(1.0, 1.0))),
        PatchSpec(2, 0, 2, 1, scale=0.6),
        PatchSpec(1, 0, 0, 3, whole=True),
    ]
    batch = dataset[Share(specs, 4)]
    assert batch.reference is not None
    assert_close(batch.reference, batch.exposures[:, 1])
    alone = batch.only(1)
    assert alone.reference is not None
    assert_close(alone.reference, batch.exposures[1:2, 1])
    assert alone.names == batch.names[1:2]


def test_reference_of_another_size_or_none_is_refused(root: Path) -> None:
    cache = StackCache(root.parent / "cache")
    with pytest.raises(InputError, match=r"reference for every training scene.* Got none for a"):
        PatchDataset(CachedScenes(find_scenes("folder", root), cache), 16, references=True)
    shutil.copy(root / "b" / "2.png", root / "a" / "reference.png")
    with pytest.raises(
        InputError, match=r"size of its exposures, 56 x 40\. Got .*reference\.png with 40 x 56"
    ):
        PatchDataset(CachedScenes(find_scenes("folder", root), cache), 16, references=True)
