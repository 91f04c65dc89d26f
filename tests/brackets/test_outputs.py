"""Where `hdr-fuse` writes, and what it refuses before it has computed anything."""

from pathlib import Path

import pytest
import torch

from hdr_lightning.brackets.inputs import Bracket
from hdr_lightning.brackets.outputs import Job, plan
from hdr_lightning.errors import InputError
from hdr_lightning.imaging.metadata import NOTHING, PREVIEW_RESULT, of_result
from hdr_lightning.imaging.writing import encode

LOOSE = Bracket("under", (Path("in/under.JPG"), Path("in/over.JPG")))
FOLDERS = [Bracket(name, (Path(f"in/{name}/1.png"),), Path(f"in/{name}")) for name in "abc"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for bracket in (LOOSE, *FOLDERS):
        for file in bracket.files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()


def planned(
    brackets: list[Bracket],
    output: str | None = None,
    suffix: str | None = None,
    weights: str | None = None,
    force: bool = False,
) -> list[Job]:
    return plan(brackets, output, suffix, weights and Path(weights), force)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("output", "suffix", "expected"),
    [
        (None, None, "in/under_fused.JPG"),
        (None, ".tif", "in/under_fused.tif"),
        ("x.png", None, "x.png"),
        ("new/x.TIFF", ".tif", "new/x.TIFF"),
        ("x.jpeg", ".jpg", "x.jpeg"),
        ("new/", None, "new/under_fused.png"),
        ("in", ".jpg", "in/under_fused.jpg"),
    ],
)
def test_output_of_loose_files(output: str | None, suffix: str | None, expected: str) -> None:
    (job,) = planned([LOOSE], output, suffix)
    assert (job.output, job.suffix) == (Path(expected), Path(expected).suffix)
    assert Path(expected).parent.is_dir()
    assert not Path(expected).exists()


def test_outputs_of_folders() -> None:
    assert [str(job.output) for job in planned(FOLDERS, "out")] == ["out/a.png", "out/b.png", "out/c.png"]
    assert [str(job.output) for job in planned(FOLDERS[:1], "one", ".jpg")] == ["one/a.jpg"]
    assert [str(job.output) for job in planned(FOLDERS[:1], "one.png")] == ["one.png"]
    earlier = encode(torch.zeros(3, 4, 4), ".png", metadata=of_result(NOTHING, b""))
    Path("in/b/1.png").write_bytes(earlier)
    assert [str(job.output) for job in planned(FOLDERS, "in/b")] == ["in/b/a.png", "in/b/c.png"]


def test_weights_of_folders_are_kept_apart() -> None:
    assert [str(job.weights) for job in planned(FOLDERS, "out", weights="w")] == ["w/a", "w/b", "w/c"]
    assert planned([LOOSE], "out/", weights="w/v")[0].weights == Path("w/v")
    assert Path("w/v").is_dir()


def test_standard_output() -> None:
    (job,) = planned([LOOSE], "-", ".jpg")
    assert (job.output, job.suffix, str(job)) == (None, ".jpg", "standard output")


def test_what_is_there_is_safe() -> None:
    Path("x.png").touch()
    Path("w").mkdir()
    Path("w/1.png").touch()
    with pytest.raises(InputError, match=r"x\.png, which exists: --force"):
        planned([LOOSE], "x.png")
    with pytest.raises(InputError, match="Got w: --force"):
        planned([LOOSE], "y.png", weights="w")
    assert planned([LOOSE], "x.png", weights="w", force=True)[0].output == Path("x.png")
    with pytest.raises(InputError, match=r"no exposure\. Got in/over\.JPG"):
        planned([LOOSE], "in/over.JPG", force=True)


def result(**how: str) -> bytes:
    return encode(torch.zeros(3, 4, 4), ".png", metadata=of_result(NOTHING, **how))  # type: ignore[arg-type]


def test_maps_of_several_are_written_over_maps_alone() -> None:
    Path("w/a").mkdir(parents=True)
    Path("w/a/1_1.png").write_bytes(result())
    Path("w/a/.DS_Store").touch()
    assert planned(FOLDERS, "out", weights="w")[0].weights == Path("w/a")
    Path("w/a/1_2.png").touch()
    with pytest.raises(InputError, match="Got w/a: --force"):
        planned(FOLDERS, "out", weights="w")
    assert planned(FOLDERS, "out", weights="w", force=True)[0].weights == Path("w/a")


def test_maps_of_two_kinds_do_not_share_a_folder() -> None:
    with pytest.raises(InputError, match=r"another for ghosts\. Got m for both"):
        plan([LOOSE], "x.png", None, Path("m"), False, ghosts=Path("in/../m"))
    assert not Path("m").exists()


def test_preview_gives_way_to_the_whole() -> None:
    Path("out").mkdir()
    Path("out/a.png").write_bytes(result())
    Path("out/b.png").write_bytes(result(program=PREVIEW_RESULT))
    assert [job.done for job in planned(FOLDERS, "out")] == [True, False, False]
    assert planned([LOOSE], "out/b.png")[0].output == Path("out/b.png")
    with pytest.raises(InputError, match=r"out/a\.png, which exists: --force"):
        planned([LOOSE], "out/a.png")


def test_folder_of_exposures_takes_no_results() -> None:
    with pytest.raises(InputError, match=r"results without exposures in it\. Got in/b/1\.png"):
        planned(FOLDERS, "in/b")


@pytest.mark.parametrize(
    ("brackets", "output", "suffix", "message"),
    [
        (FOLDERS, None, None, "-o"),
        (FOLDERS, "-", None, "Expected a folder .*-o -"),
        (FOLDERS, "x.png", None, "a folder to write several images to .*Got x.png"),
        ([LOOSE], "x.bmp", None, "file name with one of .*Got x.bmp"),
        ([LOOSE], "x", None, "Got x$"),
        (FOLDERS[:1], "x.bmp", None, "Got x.bmp"),
        ([LOOSE], "x.png", ".jpg", "an output .jpg, as --hdr or --format has it. Got x.png"),
        ([*FOLDERS, FOLDERS[0]], "out", None, "different names. Got in/a and in/a"),
        ([LOOSE], "in/under.JPG/x.png", None, "can be written. Got in/under.JPG: Not a directory"),
    ],
)
def test_what_cannot_be_written_is_told(
    brackets: list[Bracket], output: str | None, suffix: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        planned(brackets, output, suffix)
    assert not Path("x.bmp").exists() and not Path("out").exists()
