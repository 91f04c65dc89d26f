"""Brackets found on generated cards: hundreds of tiny photographs with wrong clocks and missing frames."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr_lightning.brackets.card import group, photographs_of
from hdr_lightning.brackets.inputs import find_brackets
from hdr_lightning.commands.fuse import main
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.metadata import Metadata, of_result
from tests.brackets import notes
from tests.brackets.lights import scene_light

PATTERNS = (
    (0, -2, 2),
    (0, -2, 2),
    (0, -2, 2),
    (-4, -2, 0, 2, 4),
    (0,),
    (0, -1, 1),
    (0,),
    (-3, -2, -1, 0, 1, 2, 3),
)


def photograph(path: Path, light: np.ndarray, stops: float, exif: Image.Exif | None = None) -> None:
    code = np.clip(light * 2.0**stops * 0.3, 0, 1) ** (1 / 2.2)
    Image.fromarray((255 * code).round().astype(np.uint8)).save(
        path, quality=92, exif=Image.Exif() if exif is None else exif
    )


def told(stops: float, taken: datetime | None, mode: int | None = None) -> Image.Exif:
    exif = Image.Exif()
    inner = {0x829A: 2.0**stops / 60, 0x829D: 8.0, 0x8827: 100}
    if taken is not None:
        inner[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if mode is not None:
        inner[0xA402] = mode
    exif.get_ifd(0x8769).update(inner)
    return exif


class Card:
    """A card of so many brackets and single photographs, and what it holds."""

    def __init__(
        self, folder: Path, sets: int, clock: str = "right", missing: float = 0, exif: bool = True
    ) -> None:
        folder.mkdir()
        random = np.random.default_rng(sets)
        taken, number = datetime(2024, 5, 1, 10), 0
        self.folder, self.sets = folder, []
        for place in range(sets):
            light, base = scene_light(1000 * sets + place), random.integers(-9, 9) / 3
            taken += timedelta(seconds=int(random.integers(8, 200)))
            names = []
            for stops in PATTERNS[random.integers(len(PATTERNS))]:
                number, taken = number + 1, taken + timedelta(seconds=1)
                if random.random() < missing:
                    continue
                moved = np.roll(light, tuple(random.integers(-2, 3, 2)), (0, 1))
                at = {
                    "right": taken,
                    "none": None,
                    "stopped": datetime(2000, 1, 1),
                    "random": datetime(2020, 1, 1) + timedelta(seconds=int(random.integers(0, 10**7))),
                }[clock]
                names.append(f"IMG_{number:04d}.jpg")
                photograph(folder / names[-1], moved, stops, told(stops + base, at) if exif else None)
            if names:
                self.sets.append(tuple(names))

    def wrong(self) -> tuple[int, int]:
        """How many of its sets are not found as they are, and how many there are."""
        runs, *_ = group(sorted(self.folder.iterdir()), "auto")
        found = {tuple(file.name for file in run) for run in runs}
        brackets = [names for names in self.sets if len(names) > 1]
        invented = [run for run in found if run not in self.sets]
        return max(sum(names not in found for names in brackets), len(invented)), len(brackets)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, 0),
        ({"clock": "none"}, 0),
        ({"clock": "stopped"}, 0),
        ({"clock": "random"}, 0),
        ({"missing": 0.08}, 1),
        ({"exif": False}, 3),
    ],
    ids=str,
)
def test_card_is_cut_into_its_brackets(tmp_path: Path, options: dict[str, object], most: int) -> None:
    wrong, brackets = Card(tmp_path / "card", 25, **options).wrong()  # type: ignore[arg-type]
    assert wrong <= most and brackets >= 15


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"clock": "random", "missing": 0.08}], ids=str)
def test_card_of_hundreds(tmp_path: Path, options: dict[str, object]) -> None:
    wrong, brackets = Card(tmp_path / "card", 120, **options).wrong()  # type: ignore[arg-type]
    assert wrong <= 0.07 * brackets and brackets >= 80


def test_three_scenes_in_a_folder_are_three_brackets(tmp_path: Path) -> None:
    for scene in range(3):
        for place, stops in enumerate((-2, 2)):
            photograph(tmp_path / f"{2 * scene + place}.jpg", scene_light(scene), stops)
    runs, left_out, _ = group(sorted(tmp_path.iterdir()), None)
    assert [[file.stem for file in run] for run in runs] == [["0", "1"], ["2", "3"], ["4", "5"]]
    assert left_out == []


def test_numbers_that_begin_again(tmp_path: Path) -> None:
    taken = datetime(2024, 5, 1)
    names = ["IMG_9998", "IMG_9999", "IMG_0001", "IMG_0002", "IMG_0003", "IMG_0004"]
    for place, name in enumerate(names):
        stops, taken = (0, -2, 2)[place % 3], taken + timedelta(seconds=1 if place % 3 else 90)
        photograph(tmp_path / f"{name}.jpg", scene_light(place // 3), stops, told(stops, taken))
    runs, *_ = group(sorted(tmp_path.iterdir()), "auto")
    assert [[file.stem for file in run] for run in runs] == [names[:3], names[3:]]


def test_mode_of_the_camera_parts_singles_from_brackets(tmp_path: Path) -> None:
    for place, (stops, mode) in enumerate([(0, 2), (-2, 2), (2, 2), (1, 0)]):
        photograph(tmp_path / f"{place}.jpg", scene_light(0), stops, told(stops, None, mode))
    runs, left_out, _ = group(sorted(tmp_path.iterdir()), "auto")
    assert [[file.stem for file in run] for run in runs] == [["0", "1", "2"]]
    assert left_out == [f"{tmp_path}/3.jpg: single photograph, left out"]


def noted_card(folder: Path, make: str, note: object, wrong: bool = False) -> list[list[str]]:
    """Brackets of one scene, a second apart, and a single photograph: nothing but notes tells them apart."""
    taken, number, sets = datetime(2024, 5, 1), 0, []
    series = [((0, -2, 2), 0.0, True), ((0, -2), 1.0, True), ((0,), 3.0, False), ((0, -1, 1), 0.5, True)]
    for offsets, base, bracketing in series * 2:
        names = []
        for place, offset in enumerate(offsets):
            number, taken = number + 1, taken + timedelta(seconds=1)
            exif = told(offset + base, taken, 1)
            exif[0x010F], exif[0x0110] = make, f"{make} 5"
            value = offset if make in ("Canon", "NIKON CORPORATION") else place + 1
            written = note(value) if bracketing else note(0, 0)  # type: ignore[operator]
            exif.get_ifd(0x8769)[0x927C] = written[: len(written) // 2] if wrong else written
            names.append(f"IMG_{number:04d}.jpg")
            photograph(folder / names[-1], scene_light(0), offset + base, exif)
        sets.append(names)
    return sets


@pytest.mark.parametrize("make", notes.MAKES)
def test_notes_of_the_camera_tell_brackets_apart(make: str, tmp_path: Path) -> None:
    sets = noted_card(tmp_path, make, notes.MAKES[make])
    runs, left_out, _ = group(sorted(tmp_path.iterdir()), "auto")
    assert [[file.name for file in run] for run in runs] == [names for names in sets if len(names) > 1]
    assert len(left_out) == 1 and "single photographs" in left_out[0]


@pytest.mark.parametrize("make", ["Canon", "NIKON CORPORATION"])
def test_card_with_broken_notes_is_cut_as_without(make: str, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "none").mkdir()
    sets = noted_card(tmp_path / "broken", make, notes.MAKES[make], wrong=True)
    assert noted_card(tmp_path / "none", make, lambda *_: b"") == sets
    found = [
        [[file.name for file in run] for run in group(sorted((tmp_path / name).iterdir()), "auto")[0]]
        for name in ("broken", "none")
    ]
    assert found[0] == found[1] != [names for names in sets if len(names) > 1]


def test_what_was_found_is_fused_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One shot of a set shows another scene, but everything else speaks for a set, so that it is found."""
    taken, files = datetime(2024, 5, 1), []
    for place, stops in enumerate((0, -2, 2) * 4):
        taken += timedelta(seconds=60 if place % 3 == 0 else 1)
        files.append(tmp_path / "card" / f"{place:02d}.jpg")
        files[-1].parent.mkdir(exist_ok=True)
        scene = 901 if place == 10 else place // 3
        photograph(files[-1], scene_light(scene), stops, told(stops, taken, 2))
    found = group(files, "auto")
    assert [len(run) for run in found.brackets] == [3] * 4 and found.found
    words = ["--method", "average", "--align", "never"]
    main([str(tmp_path / "card"), "-o", str(tmp_path / "out"), *words])
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "Expected exposures of one scene" in line and "10.jpg" in line]
    assert len(list((tmp_path / "out").iterdir())) == 4
    with pytest.raises(SystemExit, match="--group auto finds brackets"):
        main([*map(str, files[9:]), "-o", str(tmp_path / "named.png"), *words])


def test_what_was_not_found_is_no_finding(tmp_path: Path) -> None:
    files = [tmp_path / f"{place}.jpg" for place in range(3)]
    for scene, file in enumerate(files):
        photograph(file, scene_light(scene), 0, told(0, None))
    assert group(files, "auto") == ([files], [], False)
    for stops, file in enumerate(files):
        photograph(file, scene_light(0), stops, told(stops, None))
    assert [group(files, how).found for how in ("auto", 3, "off")] == [True, False, False]


def test_so_many_each(tmp_path: Path) -> None:
    for place in range(6):
        photograph(tmp_path / f"{place}.jpg", scene_light(0), 0)
    files = sorted(tmp_path.iterdir())
    assert [len(run) for run in group(files, 3)[0]] == [3, 3]
    assert [len(run) for run in group(files, "off")[0]] == [6]
    with pytest.raises(InputError, match=r"multiple of 4 photographs in .*Got 6"):
        group(files, 4)


def test_earlier_results_and_doubles_are_left_out(tmp_path: Path) -> None:
    for stops in (0, -2, 2):
        photograph(tmp_path / f"{stops}.jpg", scene_light(0), stops, told(stops, None))
    marked = Image.Exif()
    marked.load(of_result(Metadata(), b"").exif)
    photograph(tmp_path / "a_fused.jpg", scene_light(0), 1, marked)
    runs, left_out, _ = group(sorted(tmp_path.iterdir()), "auto")
    assert [len(run) for run in runs] == [3]
    assert left_out == [f"{tmp_path}/a_fused.jpg: an earlier result, left out"]


def test_of_raw_and_jpeg_the_raw_counts(tmp_path: Path, write_dng: object) -> None:
    for stops in (0, -2, 2):
        tags = [(33434, "2I", 1, (round(1000 * 2.0**stops), 60000), True)]
        write_dng(tmp_path / f"{stops}.dng", scene_light(0) * 2.0**stops * 0.3, tags=tags)  # type: ignore[operator]
        photograph(tmp_path / f"{stops}.JPG", scene_light(0), stops, told(stops, None))
    runs, left_out, _ = group(sorted(tmp_path.iterdir()), "auto")
    assert [sorted(file.name for file in run) for run in runs] == [["-2.dng", "0.dng", "2.dng"]]
    names = ", ".join(f"{tmp_path}/{stops}.JPG" for stops in (-2, 0, 2))
    assert left_out == [f"{names}: the same photographs as the raw files beside them, left out"]
    for grouping in (3, None):
        (bracket,), told_of = find_brackets([*map(str, sorted(tmp_path.iterdir()))], sys.stdin, grouping)
        assert (sorted(bracket.files), told_of) == (sorted(runs[0]), left_out)
    assert [len(run) for run in group(sorted(tmp_path.iterdir()), "off")[0]] == [6]
    other = tmp_path / "other"  # a name elsewhere says nothing
    other.mkdir()
    (tmp_path / "0.JPG").rename(other / "0.JPG")
    kept, _ = photographs_of([tmp_path / "0.dng", other / "0.JPG"])
    assert len(kept) == 2
