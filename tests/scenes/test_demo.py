import multiprocessing
import shutil
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.reading import read_image
from hdr_lightning.scenes import demo, find_scenes

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cache") / "demo"
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=find_scenes, args=("demo", root)) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0]
    return root


@pytest.mark.slow
def test_two_processes_make_one_folder(root: Path) -> None:
    assert [path.name for path in root.parent.iterdir()] == ["demo"]
    assert "Synthetic" in (root / "README.txt").read_text()
    assert find_scenes("folder", root) and len(find_scenes("demo", root)) == 24


def test_lights_of_a_photograph_are_one_group(root: Path) -> None:
    scenes = find_scenes("demo", root, "stack")
    assert {scene.group for scene in scenes} == set(demo.PHOTOGRAPHS)
    assert all(len(scene.files) == 3 and scene.name.startswith(scene.group) for scene in scenes)


def test_brackets_look_like_brackets(root: Path) -> None:
    for scene in find_scenes("demo", root, "stack"):
        images = [read_image(file).astype(float) / 255 for file in scene.files]
        under, _, over = images
        means = [image.mean() for image in images]
        assert means == sorted(means)
        assert max(under.shape) == 384 and min(under.shape[:2]) > 250
        assert under.mean() < 0.35 and over.mean() > 0.6
        assert (over > 0.99).mean() > 0.1, f"{scene.name} has no burnt part"
        # where the brightest exposure is burnt, the darkest still has detail
        assert under[over.min(-1) > 0.99].std() > 0.04


def test_exposures_follow_the_camera_model() -> None:
    photograph = np.random.default_rng(0).integers(60, 200, (64, 96, 3), dtype=np.uint8)
    images = demo.bracket(photograph, "dusk", np.random.default_rng(1))
    linear = [demo._linear(image / 255.0) for image in images]
    inside = (linear[0] > 0.05) & (linear[1] < 0.9)
    ratio = np.median(linear[1][inside] / linear[0][inside])
    assert ratio == pytest.approx(2.0 ** (demo.STOPS[1] - demo.STOPS[0]), rel=0.03)


def test_same_seed_same_bracket() -> None:
    photograph = np.full((32, 32, 3), 128, np.uint8)
    for light in demo.LIGHTS:
        first, again, other = (demo.bracket(photograph, light, np.random.default_rng(s)) for s in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)


def test_foreign_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PHOTOGRAPHS", {"cat": "chelsea.png"})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"new or empty folder for the demo. Got .*mine"):
        find_scenes("demo", tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_default_place_is_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setenv("HDR_LIGHTNING_CACHE", str(tmp_path))
    shutil.copytree(root, tmp_path / demo.FOLDER)
    assert find_scenes("demo", None)[0].files[0].is_relative_to(tmp_path)


def test_interrupted_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def interrupted(path: Path, image: Tensor) -> None:
        written.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
        if len(written) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(demo, "write_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find_scenes("demo", tmp_path / "demo")
    assert len(written) == 5 and not list(tmp_path.iterdir())
