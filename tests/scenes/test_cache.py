import multiprocessing
import os
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.scenes import cache as cache_module
from hdr_lightning.scenes.cache import Stack, StackCache, default_cache_dir


def make_stack(folder: Path, levels: tuple[int, ...] = (40, 200), size: tuple[int, int] = (8, 12)) -> Stack:
    random = np.random.default_rng(levels)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, level in enumerate(levels):
        pixels = random.integers(level - 20, level + 20, (*size, 3), dtype=np.uint8)
        files.append(folder / f"{number}.png")
        Image.fromarray(pixels).save(files[-1])
    return tuple(files)


@pytest.fixture
def cache(tmp_path: Path) -> StackCache:
    return StackCache(tmp_path / "cache")


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on decoding a photograph is an error."""

    def refuse(path: Path) -> np.ndarray:
        raise AssertionError(f"{path} was decoded")

    monkeypatch.setattr(cache_module, "read_image", refuse)


def test_exposures_are_sorted_and_equal_the_files(tmp_path: Path, cache: StackCache) -> None:
    stack = make_stack(tmp_path / "a", (200, 40, 120))
    cache.build([stack])
    held = cache.open(stack)
    assert isinstance(held, np.memmap) and not held.flags.writeable
    expected = [np.asarray(Image.open(stack[k])) for k in (1, 2, 0)]
    np.testing.assert_array_equal(held, expected)


def test_nothing_is_decoded_twice(tmp_path: Path, cache: StackCache, request: pytest.FixtureRequest) -> None:
    stack = make_stack(tmp_path / "a")
    cache.build([stack, stack])
    request.getfixturevalue("unreadable")
    StackCache(cache.folder).build([stack])
    assert cache.open(stack).shape == (2, 8, 12, 3)


def test_log_of_a_cluster_shows_progress_too(
    tmp_path: Path, cache: StackCache, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks = [make_stack(tmp_path / str(k)) for k in range(21)]
    cache.build(stacks)
    told = capsys.readouterr().out.splitlines()
    assert told == [f"Decoded the photographs of {done} scenes out of 21" for done in range(2, 22, 2)]
    cache.build(stacks)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("change", ["content", "time", "size"])
def test_changed_file_is_read_again(tmp_path: Path, cache: StackCache, change: str) -> None:
    stack = make_stack(tmp_path / "a")
    cache.build([stack])
    before = cache.entry(stack)
    if change == "time":
        os.utime(stack[0], ns=(0, stack[0].stat().st_mtime_ns + 1))
    else:
        shape = (8, 12, 3) if change == "content" else (4, 4, 3)
        for file in stack:
            Image.fromarray(np.full(shape, 77, np.uint8)).save(file)
    assert cache.entry(stack) != before
    cache.build([stack])
    if change != "time":
        assert (cache.open(stack) == 77).all()


@pytest.mark.parametrize("damage", ["truncate", "garbage", "flip", "empty", "remove", "sealed", "foreign"])
@pytest.mark.parametrize("again", ["open", "build"])
def test_damaged_entry_is_named_and_built_again(
    tmp_path: Path, cache: StackCache, damage: str, again: str
) -> None:
    stack = make_stack(tmp_path / "a")
    cache.build([stack])
    entry = cache.entry(stack)
    whole, status = entry.read_bytes(), entry.stat()
    flipped = whole[:-5] + bytes([whole[-5] ^ 255]) + whole[-4:]
    damaged = {"truncate": whole[:-9], "garbage": b"xyz", "flip": flipped, "sealed": whole[:200]}
    entry.write_bytes(damaged.get(damage, b""))
    if damage == "foreign":
        np.save(entry, np.zeros(3))
    if damage == "remove":
        entry.unlink()
    if damage in ("sealed", "foreign"):  # as after a power failure that kept the time but lost the pixels
        os.utime(entry, ns=(status.st_atime_ns, status.st_mtime_ns))
    with nullcontext() if damage == "remove" else pytest.warns(UserWarning, match=f"{entry}: a damaged"):
        if again == "build" and damage not in ("sealed", "foreign"):
            cache.build([stack])
        np.testing.assert_array_equal(cache.open(stack)[0], np.asarray(Image.open(stack[0])))
    assert entry.read_bytes() == whole


def test_mixed_depths_are_widened(tmp_path: Path, cache: StackCache) -> None:
    Image.fromarray(np.full((4, 4, 3), 255, np.uint8)).save(tmp_path / "over.png")
    tifffile.imwrite(tmp_path / "under.tif", np.full((4, 4, 3), 300, np.uint16), photometric="rgb")
    held = cache.open((tmp_path / "over.png", tmp_path / "under.tif"))
    assert held.dtype == np.uint16
    assert held[:, 0, 0, 0].tolist() == [300, 65535]


def test_two_sizes_in_a_scene_are_named_before_decoding(
    tmp_path: Path, cache: StackCache, unreadable: None
) -> None:
    first, second = make_stack(tmp_path / "a")[0], make_stack(tmp_path / "b", size=(8, 13))[1]
    for attempt in (lambda: cache.build([(first, second)]), lambda: cache.open((first, second))):
        with pytest.raises(InputError, match=r"one size. Got 12 x 8 in .*a/0\.png and 13 x 8 in .*b/1\.png"):
            attempt()


def test_bad_files_are_named(tmp_path: Path, cache: StackCache) -> None:
    good, bad = make_stack(tmp_path / "a")
    bad.write_bytes(bad.read_bytes()[:100])
    with pytest.raises(InputError, match=r"a/1\.png"):
        cache.build([(good, bad)])
    bad.unlink()
    with pytest.raises(InputError, match=r"a/1\.png"):
        cache.build([(good, bad)])
    assert not list(cache.folder.glob("*")) if cache.folder.exists() else True


def test_oldest_unneeded_entries_leave(tmp_path: Path) -> None:
    stacks = [make_stack(tmp_path / str(k), size=(100, 100)) for k in range(4)]
    one = 2 * 100 * 100 * 3 + 128
    cache = StackCache(tmp_path / "cache", max_gb=3.5 * one / 2**30)
    for age, stack in zip((300, 100, 200), stacks[:3], strict=True):
        cache.build([stack])
        entry = cache.entry(stack)
        os.utime(entry, (time.time() - age, entry.stat().st_mtime))
    cache.build([stacks[0], stacks[3]])  # the oldest is needed, so the second oldest goes
    kept = [cache.entry(stack).exists() for stack in stacks]
    assert kept == [True, True, False, True]


def test_limit_below_the_need_says_so(tmp_path: Path) -> None:
    cache = StackCache(tmp_path / "cache", max_gb=1e-7)
    with pytest.raises(InputError, match=r"cache limit of at least .* GiB.*Got data\.cache_gb=1e-07"):
        cache.build([make_stack(tmp_path / "a", size=(100, 100))])


def test_leftovers_of_a_killed_process_leave(tmp_path: Path, cache: StackCache) -> None:
    cache.folder.mkdir()
    old, new = cache.folder / ".old.tmp.npy", cache.folder / ".new.tmp.npy"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - 7200))
    cache.build([make_stack(tmp_path / "a")])
    assert not old.exists() and new.exists()


def test_full_disk_says_what_to_do(
    tmp_path: Path, cache: StackCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack(tmp_path / "a")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module.os, "fsync", full)
    with pytest.raises(InputError, match=r"No space left.*data\.cache_dir or HDR_LIGHTNING_CACHE"):
        cache.build([stack])
    assert not list(cache.folder.iterdir())
    monkeypatch.setattr(cache_module.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 5}))
    with pytest.raises(InputError, match=r"0\.00 GiB free.*HDR_LIGHTNING_CACHE"):
        cache.build([stack])


def test_folder_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"cache folder .*file.*HDR_LIGHTNING_CACHE"):
        StackCache(tmp_path / "file" / "cache").build([make_stack(tmp_path / "a")])


def _build_and_check(folder: Path, stacks: list[Stack]) -> None:
    cache = StackCache(folder)
    cache.build(stacks)
    for stack in stacks:
        expected = [np.asarray(Image.open(file)) for file in stack]
        np.testing.assert_array_equal(cache.open(stack), expected)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_processes_that_start_together_do_no_harm(tmp_path: Path) -> None:
    stacks = [make_stack(tmp_path / str(k), size=(200, 300)) for k in range(6)]
    context = multiprocessing.get_context("fork")
    builders = [context.Process(target=_build_and_check, args=(tmp_path / "cache", stacks)) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert [builder.exitcode for builder in builders] == [0, 0, 0]
    assert len(list((tmp_path / "cache").iterdir())) == 6


def test_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDR_LIGHTNING_CACHE", "/somewhere")
    assert default_cache_dir() == Path("/somewhere")
    monkeypatch.delenv("HDR_LIGHTNING_CACHE")
    assert default_cache_dir() == Path.home() / ".cache" / "hdr-lightning"
