from collections import Counter
from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hdr_lightning.data.sampling import PatchSampler, SceneSampler
from hdr_lightning.data.specs import PatchSpec, SceneSize, Share
from hdr_lightning.errors import InputError

SIZES = [SceneSize(2, 50, 61), SceneSize(3, 20, 100), SceneSize(2, 33, 20), SceneSize(2, 8, 40)]


def epoch(sampler: PatchSampler, number: int = 0) -> list[list[PatchSpec]]:
    return [share.specs for share in shares(sampler, number)]


def shares(sampler: PatchSampler, number: int = 0) -> list[Share]:
    sampler.set_epoch(number)
    return list(sampler)


@pytest.mark.parametrize("stride", [None, 7, 20, 33])
def test_grid_covers_every_pixel(stride: int | None) -> None:
    batches = epoch(PatchSampler(SIZES, 20, stride=stride, batch_size=5))
    for index, size in enumerate(SIZES):
        seen = np.zeros((size.height, size.width), bool)
        for spec in chain(*batches):
            if spec.scene == index:
                seen[spec.top : spec.top + 20, spec.left : spec.left + 20] = True
                assert spec.top + 20 <= max(size.height, 20) and spec.left + 20 <= max(size.width, 20)
        # a stride beyond the patch leaves gaps by intention, but never at the last row and column
        assert seen[-1].any() and seen[:, -1].any()
        assert seen.all() or stride == 33


def test_grid_has_each_place_once() -> None:
    places = [spec[:3] for batch in epoch(PatchSampler(SIZES, 20, batch_size=5)) for spec in batch]
    assert len(places) == len(set(places)) == 3 * 4 + 5 + 2 + 2


@pytest.mark.parametrize("mode", ["grid", "random"])
@pytest.mark.parametrize("wanted", [None, 1, 13, 100])
def test_length_is_what_comes(mode: str, wanted: int | None) -> None:
    sampler = PatchSampler(SIZES, 20, mode=mode, patches_per_epoch=wanted, batch_size=4)
    for number in range(3):
        batches = epoch(sampler, number)
        assert len(batches) == len(sampler)
        assert sum(map(len, batches)) == (wanted or 21)


@pytest.mark.parametrize("mode", ["grid", "random"])
def test_scenes_of_different_length_never_meet(mode: str) -> None:
    for batch in epoch(PatchSampler(SIZES, 20, mode=mode, batch_size=4)):
        assert len({SIZES[spec.scene].exposures for spec in batch}) == 1


def test_random_is_inside_and_fair() -> None:
    specs = [*chain(*epoch(PatchSampler([SIZES[0], *SIZES[2:]], 20, "random", patches_per_epoch=3000)))]
    assert Counter(spec.scene for spec in specs) == {0: 1000, 1: 1000, 2: 1000}
    corners = np.array([spec[1:3] for spec in specs if spec.scene == 0])
    assert corners.min(0).tolist() == [0, 0] and corners.max(0).tolist() == [30, 41]
    assert abs(corners.mean(0) - [15, 20.5]).max() < 1.5


def test_random_is_fair_to_brackets_not_to_their_pairs() -> None:
    sizes = [SceneSize(2, 30, 30, "bracket")] * 3 + [SceneSize(2, 30, 30, "pair")]
    specs = chain(*epoch(PatchSampler(sizes, 20, "random", patches_per_epoch=600)))
    assert Counter(spec.scene for spec in specs) == {0: 100, 1: 100, 2: 100, 3: 300}


def test_random_is_fair_to_small_scenes_of_any_number_of_exposures() -> None:
    sizes = [SceneSize(3, 200, 300, "large"), SceneSize(9, 40, 40, "small"), SceneSize(9, 30, 60, "other")]
    specs = chain(*epoch(PatchSampler(sizes, 20, "random", patches_per_epoch=600)))
    assert Counter(spec.scene for spec in specs) == {0: 200, 1: 200, 2: 200}


@pytest.mark.parametrize("mode", ["grid", "random"])
def test_rare_number_of_exposures_is_in_every_epoch(mode: str) -> None:
    sizes = [SceneSize(3, 20, 20, str(scene)) for scene in range(300)] + [SceneSize(5, 20, 20, "rare")]
    sampler = PatchSampler(sizes, 20, mode, patches_per_epoch=96)
    for number in range(3):
        specs = [*chain(*epoch(sampler, number))]
        assert len(specs) == 96
        assert [spec.scene for spec in specs].count(300) == 1


@pytest.mark.parametrize("mode", ["grid", "random"])
def test_seed_and_epoch_decide_alone(mode: str) -> None:
    def drawn(seed: int, number: int) -> list[list[PatchSpec]]:
        return epoch(PatchSampler(SIZES, 20, mode, batch_size=4, augment=True, seed=seed), number)

    assert drawn(1, 3) == drawn(1, 3)
    assert drawn(1, 3) != drawn(1, 4)
    assert drawn(1, 3) != drawn(3, 1)


def test_turns_come_only_when_asked_for() -> None:
    plain = chain(*epoch(PatchSampler(SIZES, 20, patches_per_epoch=200)))
    turned = chain(*epoch(PatchSampler(SIZES, 20, patches_per_epoch=200, augment=True)))
    assert {spec.turn for spec in plain} == {0}
    assert {spec.turn for spec in turned} == set(range(8))


def test_tones_come_only_when_asked_for_and_stay_as_near_as_told() -> None:
    options = {"patches_per_epoch": 400, "augment": True}
    plain = chain(*epoch(PatchSampler(SIZES, 20, **options)))
    toned = list(chain(*epoch(PatchSampler(SIZES, 20, **options, tone_jitter=0.3))))
    assert {spec.tones for spec in plain} == {()}
    assert all(len(spec.tones) == SIZES[spec.scene].exposures for spec in toned)
    logarithms = np.log(np.array([tone for spec in toned for tone in spec.tones]))
    assert 0.25 < abs(logarithms[:, 0]).max() <= 0.3
    assert_allclose(logarithms.std(0), [0.1, 0.15 * (2 / 3) ** 0.5], rtol=0.2)
    assert_allclose(logarithms.mean(0), 0, atol=0.02)


def test_scales_shrink_scenes_as_far_as_told_but_not_below_half_a_patch() -> None:
    options = {"mode": "random", "patches_per_epoch": 3000}
    plain = chain(*epoch(PatchSampler([SIZES[0]], 20, **options)))
    assert {spec.scale for spec in plain} == {1}
    large, small = SIZES[0], SceneSize(2, 12, 40)
    specs = list(chain(*epoch(PatchSampler([large, small], 20, **options, scale_jitter=0.8))))
    logarithms = np.log([spec.scale for spec in specs if spec.scene == 0])
    assert_allclose([logarithms.min(), logarithms.mean(), logarithms.max()], [-0.8, -0.4, 0], atol=0.02)
    assert min(spec.scale for spec in specs if spec.scene == 1) == 20 / (2 * 12)
    for spec in specs:
        height, width = [large, small][spec.scene][1:3]
        reach = spec.reach(20)
        assert spec.top + reach <= max(height, reach) and spec.left + reach <= max(width, reach)


def test_some_patches_are_whole_scenes() -> None:
    options = {"mode": "random", "patches_per_epoch": 4000, "scale_jitter": 0.2}
    wide, small = SceneSize(2, 80, 200), SceneSize(2, 12, 40)
    specs = list(chain(*epoch(PatchSampler([wide, small], 20, **options, whole_scenes=0.25))))
    whole = [spec for spec in specs if spec.whole]
    assert {(spec.scene, spec.top, spec.left, spec.scale) for spec in whole} == {(0, 0, 0, 1)}
    assert 0.2 < len(whole) / sum(spec.scene == 0 for spec in specs) < 0.3
    rest = [spec.scale for spec in specs if not spec.whole]
    assert np.exp(-0.2) <= min(rest) and max(rest) < 1


def test_parts_of_a_bracket_come_only_when_asked_for_and_alike_in_a_batch() -> None:
    sizes = [SceneSize(9, 50, 61), SceneSize(2, 20, 100), SceneSize(9, 33, 20)]
    options = {"mode": "random", "patches_per_epoch": 1200, "batch_size": 4}
    assert all(spec.fused is None for spec in chain(*epoch(PatchSampler(sizes, 20, **options))))
    seen = Counter()
    for batch in epoch(PatchSampler(sizes, 20, most_exposures=5, **options)):
        bracket, fused = {(spec.bracket, spec.fused) for spec in batch}.pop()
        assert {(spec.bracket, spec.fused) for spec in batch} == {(bracket, fused)}
        if sizes[batch[0].scene].exposures == 2:
            assert bracket == fused == (0, 1)
            continue
        assert bracket == (0, 2, 4, 6, 8)
        assert set(fused) <= set(bracket) and list(fused) == sorted(set(fused)) and len(fused) >= 2
        seen["extremes" if fused == (0, 8) else "all" if fused == bracket else len(fused)] += 1
    assert 0.3 < seen["extremes"] / seen.total() < 0.55 and 0.25 < seen["all"] / seen.total() < 0.5
    assert {2, 3, 4} <= seen.keys()


def test_at_least_two_exposures_are_fused() -> None:
    with pytest.raises(InputError, match=r"data\.most_exposures of at least 2\. Got 1"):
        PatchSampler(SIZES, 20, most_exposures=1)


@pytest.mark.parametrize("jitter", [-0.1, 1.5])
@pytest.mark.parametrize("name", ["tone_jitter", "scale_jitter", "whole_scenes"])
def test_jitter_out_of_range_is_refused(name: str, jitter: float) -> None:
    with pytest.raises(InputError, match=rf"data\.{name} between 0 and 1\. Got {jitter}"):
        PatchSampler(SIZES, 20, "random", **{name: jitter})


@pytest.mark.parametrize("name", ["scale_jitter", "whole_scenes"])
def test_scaled_scenes_need_random_patches(name: str) -> None:
    with pytest.raises(InputError, match=rf"data\.patches=random with data\.{name}\. Got grid"):
        PatchSampler(SIZES, 20, **{name: 0.5})


@pytest.mark.parametrize("mode", ["grid", "random"])
@pytest.mark.parametrize("world_size", [2, 3, 5])
@pytest.mark.parametrize("wanted", [None, 61])
def test_ranks_together_draw_what_one_process_draws(mode: str, world_size: int, wanted: int | None) -> None:
    options = {"mode": mode, "patches_per_epoch": wanted, "batch_size": 5, "augment": True}
    options["tone_jitter"] = 0.2
    alone = shares(PatchSampler(SIZES, 20, **options))
    ranks = [
        shares(PatchSampler(SIZES, 20, **options, rank=rank, world_size=world_size))
        for rank in range(world_size)
    ]
    assert {len(rank) for rank in ranks} == {len(alone)}
    for whole, *parts in zip(alone, *ranks, strict=True):
        assert whole.counts and whole.total == len(whole.specs)
        assert {part.total for part in parts} == {whole.total}
        assert sorted(whole.specs) == sorted(chain(*(part.specs for part in parts if part.counts)))
        assert all(part.specs for part in parts)


def test_ranks_without_a_patch_of_their_own_repeat_each_patch_as_often() -> None:
    options = {"patches_per_epoch": 2, "batch_size": 8, "world_size": 8}
    (specs,) = zip(
        *(epoch(PatchSampler(SIZES[:1], 20, **options, rank=rank)) for rank in range(8)), strict=True
    )
    assert sorted(Counter(chain(*specs)).values()) == [4, 4]


def test_epoch_starts_where_it_is_told() -> None:
    sampler = PatchSampler(SIZES, 20, batch_size=4)
    whole = shares(sampler, 3)
    sampler.start = 2
    assert shares(sampler, 3) == whole[2:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "tiles"}, r"data\.patches out of grid, random. Got 'tiles'"),
        ({"stride": 0}, r"data\.stride of at least 1. Got 0"),
        ({"batch_size": 0}, r"data\.batch_size of at least 1. Got 0"),
        ({"patches_per_epoch": -1}, r"data\.patches_per_epoch of at least 1. Got -1"),
        ({"batch_size": 2, "world_size": 3}, r"a patch for each of 3 processes. Got 2"),
        ({"patch_size": 0}, r"data\.patch_size of at least 1. Got 0"),
    ],
)
def test_impossible_numbers_are_named(change: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PatchSampler(SIZES, **({"patch_size": 20} | change))


@pytest.mark.parametrize(("count", "world_size"), [(5, 1), (5, 2), (6, 3), (3, 3), (0, 2)])
def test_each_scene_is_dealt_once(count: int, world_size: int) -> None:
    dealt = [list(SceneSampler(count, rank, world_size)) for rank in range(world_size)]
    assert list(chain(*dealt)) == list(range(count))
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
    assert [len(SceneSampler(count, rank, world_size)) for rank in range(world_size)] == list(map(len, dealt))


def test_every_rank_has_a_scene_to_read() -> None:
    assert [list(SceneSampler(2, rank, 4)) for rank in range(4)] == [[0], [1], [0], [0]]
