"""What people type for `hdr-fuse`."""

import io
from pathlib import Path

import pytest
import torch

from hdr_lightning.brackets.inputs import find_brackets
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.metadata import NOTHING, of_result
from hdr_lightning.imaging.writing import encode


@pytest.fixture
def trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "a/1.jpg",
        "a/2.JPG",
        "a/10.png",
        "a/note.txt",
        "a/.hidden.png",
        "b/x.tif",
        "empty/x.txt",
        "[1].png",
    ):
        path = tmp_path / "trip" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "trip"


def found(*words: str, stdin: str = "") -> list[tuple[str, list[str]]]:
    return [
        (b.name, [str(file) for file in b.files]) for b in find_brackets(words, io.StringIO(stdin)).brackets
    ]


def test_card_of_a_camera_has_its_photographs_in_a_folder(trip: Path) -> None:
    for name in ("card/DCIM", "card/MISC"):
        Path(name).mkdir(parents=True)
    with pytest.raises(InputError, match=r"folders of images in card/DCIM\. Got none"):
        found("card")
    (trip / "b").rename("card/DCIM/100CANON")
    assert found("card") == [("100CANON", ["card/DCIM/100CANON/x.tif"])]
    with pytest.raises(InputError, match=r"folders of images in card/MISC\. Got none"):
        found("card/MISC")


def test_files_are_one_bracket(trip: Path) -> None:
    assert found("trip/b/x.tif", "trip/a/1.jpg") == [("x", ["trip/b/x.tif", "trip/a/1.jpg"])]
    assert found("trip/[1].png") == [("[1]", ["trip/[1].png"])]


def test_folder_of_images_is_one_bracket(trip: Path) -> None:
    assert found("trip/a") == [("a", ["trip/a/1.jpg", "trip/a/2.JPG", "trip/a/10.png"])]
    assert found("trip/b") == [("b", ["trip/b/x.tif"])]


def test_reference_in_a_folder_is_no_exposure(trip: Path) -> None:
    (trip / "b" / "Reference.png").touch()
    assert found("trip/b") == [("b", ["trip/b/x.tif"])]


def test_folder_of_folders_is_many(trip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (trip / "[1].png").unlink()
    assert [name for name, _ in found("trip")] == ["a", "b"]
    assert [name for name, _ in found("trip/b", "trip/a")] == ["b", "a"]
    monkeypatch.chdir(trip / "a")
    assert found(".")[0][0] == "a"


def test_patterns_are_expanded(trip: Path) -> None:
    assert found("trip/a/*") == [("1", ["trip/a/1.jpg", "trip/a/2.JPG", "trip/a/10.png"])]
    assert found("trip/a/?.*")[0][1] == ["trip/a/1.jpg", "trip/a/2.JPG"]
    assert [name for name, _ in found("trip/[ab]")] == ["a", "b"]
    assert found("**/x.tif")[0][1] == ["trip/b/x.tif"]


def test_folders_whose_names_look_like_patterns(trip: Path) -> None:
    (trip / "b").rename(trip / "[2024] b")
    assert (
        found("trip/[[]2024[]] b/*.tif") == found("trip/[2024] b/*.tif") == [("x", ["trip/[2024] b/x.tif"])]
    )


def test_names_come_from_standard_input(trip: Path) -> None:
    assert found("-", stdin="trip/a/1.jpg\n\ntrip/b/x.tif\n")[0][1] == ["trip/a/1.jpg", "trip/b/x.tif"]
    assert found("-", "trip/b/x.tif", stdin="trip/a/?.jpg\r\n")[0][1] == ["trip/a/1.jpg", "trip/b/x.tif"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["absent.jpg"], "absent.jpg, which does not exist"),
        (["trip/*.gif"], "match trip/.*gif"),
        (["-"], "exposures to fuse. Got none"),
        (["trip/a", "trip/b/x.tif"], "Got both: trip/b/x.tif and trip/a"),
        (["trip/a/1.jpg", "./trip/a/1.jpg"], "once. Got trip/a/1.jpg twice"),
        (["trip"], "Got both"),
        (["trip/empty"], "in trip/empty. Got none"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_told(trip: Path, words: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        found(*words)


def test_folder_of_results_among_exposures_is_not_asked_about(trip: Path) -> None:
    (trip / "a" / "fused").mkdir()
    earlier = encode(torch.zeros(3, 4, 4), ".png", metadata=of_result(NOTHING))
    (trip / "a" / "fused" / "1.png").write_bytes(earlier)
    assert found("trip/a") == [("a", ["trip/a/1.jpg", "trip/a/2.JPG", "trip/a/10.png"])]
    (trip / "a" / "fused" / "2.png").touch()
    with pytest.raises(InputError, match="Got both: choose by"):
        found("trip/a")
