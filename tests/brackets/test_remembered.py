"""What a second look has not to do again, and what it has."""

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets import remembered
from hdr_lightning.brackets.remembered import Remembered, RememberedSteps
from hdr_lightning.fusion.deghost import Deghost


def test_the_last_result_is_kept_with_its_warnings() -> None:
    done: list[int] = []

    def work() -> int:
        done.append(1)
        warnings.warn("look here", stacklevel=2)
        return len(done)

    remembered = Remembered()
    for key, expected in (("a", 1), ("a", 1), ("b", 2), ("a", 3)):
        with pytest.warns(UserWarning, match="look here"):
            assert remembered(key, work) == expected


def test_what_fails_is_not_kept() -> None:
    remembered = Remembered()
    with pytest.raises(ZeroDivisionError):
        remembered("a", lambda: 1 // 0)
    assert remembered("a", lambda: 5) == 5


def test_what_was_turned_is_not_what_was_read(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 250, (20, 30, 3), dtype=np.uint8)
    files = [tmp_path / "1.png", tmp_path / "2.png"]
    for file in files:
        Image.fromarray(pixels).save(file)
    names, steps = [str(file) for file in files], RememberedSteps()
    for distance in (0, 3, 3, 0):
        photographs, alphas, _ = steps.read(files, None)
        turned = [np.roll(photograph, distance, 1) for photograph in photographs]
        found = steps.together(turned, None, names, "never", None, False, alphas)
        np.testing.assert_array_equal(found.photographs[0], turned[0])


def test_what_another_process_has_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "1.png", tmp_path / "2.png"]
    for file, level in zip(files, (90, 250), strict=True):
        pixels = np.random.default_rng(level).integers(0, level, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
    names, steps, counts = [str(file) for file in files], RememberedSteps(), {"read": 0, "agree": 0}
    first = steps.read(files, None)
    steps.together(first.photographs, Deghost(), names, "never", None, False, first.alphas)
    steps = pickle.loads(pickle.dumps(steps))

    def counted(name: str, work: object) -> object:
        def counting(*arguments: object) -> object:
            counts[name] += 1
            return work(*arguments)  # type: ignore[operator]

        return counting

    monkeypatch.setattr(remembered, "read_exposures", counted("read", remembered.read_exposures))
    monkeypatch.setattr(remembered, "agree", counted("agree", remembered.agree))

    def look(sensitivity: float) -> None:
        exposures = steps.read(files, None)
        deghost = Deghost(sensitivity)
        found = steps.together(exposures.photographs, deghost, names, "never", None, False, exposures.alphas)
        np.testing.assert_array_equal(found.photographs[0], first.photographs[0])

    look(0.5)
    assert counts == {"read": 0, "agree": 0}
    look(0.0)
    assert counts == {"read": 0, "agree": 1}
    Image.fromarray(np.asarray(Image.open(files[1]))[:, ::-1]).save(files[1])
    look(0.0)
    assert counts == {"read": 1, "agree": 2}
