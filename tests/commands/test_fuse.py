"""The command `hdr-fuse` as a photographer meets it."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import tifffile
from PIL import Image

from hdr_lightning import fuse
from hdr_lightning.commands.fuse import main
from hdr_lightning.imaging.reading import read_image

LIGHT = (skimage.data.chelsea()[::2, ::2] / 255.0) ** 2.2
COMMAND = [sys.executable, "-W", "error", "-m", "hdr_lightning.commands.fuse"]


def exposed(stops: float) -> np.ndarray:
    return np.clip(LIGHT * 2**stops, 0, 1) ** (1 / 2.2)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("cat", "dog"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        for name, stops in (("over.jpg", 2), ("under.jpg", -2)):
            exif = Image.Exif()
            exif[272] = name
            pixels = (255 * exposed(stops)).round().astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "in" / folder / name, quality=95, exif=exif)
    for name, stops in (("deep1.tif", -2), ("deep2.tif", 2)):
        tifffile.imwrite(name, (65535 * exposed(stops)).astype(np.uint16), photometric="rgb")
    return tmp_path


def run(*words: str) -> int:
    try:
        main(words)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return int(end.code or 0)
    return 0


def test_two_exposures_to_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in/cat/under.jpg", "in/cat/over.jpg", "-o", "new/fused.png") == 0
    expected = fuse(["in/cat/under.jpg", "in/cat/over.jpg"])
    np.testing.assert_array_equal(read_image(Path("new/fused.png")), expected)
    with Image.open("new/fused.png") as picture:
        assert picture.getexif()[272] == "under.jpg"
    told = capsys.readouterr().out
    assert told.startswith("new/fused.png: 226x150, 2 exposures, bandnet+multiband:matched, ")
    assert " % clipped, " in told and told.endswith(" s\n")


def test_method_and_blending_are_used_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in/cat", "-o", "a.tif", "--method", "mertens", "--blend", "weighted_sum") == 0
    assert "mertens+weighted_sum, 0.0 % clipped" in capsys.readouterr().out
    files = sorted(Path("in/cat").iterdir())
    np.testing.assert_array_equal(read_image(Path("a.tif")), fuse(files, "mertens", "weighted_sum"))


def test_refinement_changes_the_image_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    pair = ("in/cat/under.jpg", "in/cat/over.jpg")
    assert run(*pair, "-o", "plain.png") == 0
    assert run(*pair, "-o", "refined.png", "--refine", "3") == 0
    assert "bandnet+multiband:matched+refine:3, " in capsys.readouterr().out
    refined = read_image(Path("refined.png"))
    np.testing.assert_array_equal(refined, fuse(pair, "bandnet+refine:3"))
    assert (refined != read_image(Path("plain.png"))).any()


def test_depth_follows_the_exposures(capsys: pytest.CaptureFixture[str]) -> None:
    for name, options, dtype in (
        ("a.png", (), np.uint16),
        ("b.png", ("--bits", "8"), np.uint8),
        ("c.tif", (), np.uint16),
        ("d.jpg", (), np.uint8),
    ):
        assert run("deep*.tif", "-o", name, *options) == 0
        assert read_image(Path(name)).dtype == dtype
    assert capsys.readouterr().err.splitlines() == [
        "d.jpg: the exposures have 16 bits, JPEG holds 8 (PNG and TIFF hold 16)"
    ]
    assert run("in/cat", "-o", "e.png", "--bits", "16") == 0
    assert read_image(Path("e.png")).dtype == np.uint16
    assert run("in/cat", "-o", "f.jpg", "--bits", "16") == 1
    assert "PNG or TIFF for 16 bits. Got f.jpg" in capsys.readouterr().err


def test_weights_are_written_dark_to_bright() -> None:
    assert run("in/cat", "-o", "a.png", "--weights-out", "w", "--method", "adaptive") == 0
    maps = {path.name: read_image(path)[..., 0] / 65535 for path in Path("w/cat").iterdir()}
    assert sorted(maps) == ["1_under.png", "2_over.png"]
    np.testing.assert_allclose(maps["1_under.png"] + maps["2_over.png"], 1, atol=2 / 65535)
    assert maps["1_under.png"].std() > 0.05


def test_maps_of_ghosts_are_written_and_not_over_others(capsys: pytest.CaptureFixture[str]) -> None:
    moved = exposed(2)
    moved[40:90, 60:110] = moved[10:60, 150:200]
    Image.fromarray((255 * moved).round().astype(np.uint8)).save("in/cat/over.jpg", quality=95)
    words = ("in/cat", "-o", "a.png", "--ghosts-out", "maps", "--method", "average", "--reference", "2")
    assert run(*words) == 0
    assert "ghosts removed in" in capsys.readouterr().out
    maps = {path.name: read_image(path)[..., 0] for path in sorted(Path("maps/cat").iterdir())}
    assert list(maps) == ["1_under.png", "2_over.png"]
    assert not maps["1_under.png"].any() and maps["2_over.png"].shape == read_image(Path("a.png")).shape[:2]
    assert (maps["2_over.png"][45:85, 65:105] > 250).mean() > 0.9 and not maps["2_over.png"][120:].any()
    Path("a.png").unlink()
    assert run(*words) == 1
    assert "Expected a new or empty folder. Got maps/cat: --force writes into it" in capsys.readouterr().err
    assert not Path("a.png").exists() and run(*words, "--force") == 0


def test_single_photograph(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in/cat/under.jpg") == 0
    assert Path("in/cat/under_fused.jpg").is_file()
    told = capsys.readouterr()
    assert told.err.startswith("in/cat/under.jpg: a single photograph, fused from virtual exposures")
    assert "2 virtual exposures" in told.out


def test_batch_survives_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/bird").mkdir()
    Path("in/bird/1.jpg").write_bytes(Path("in/cat/over.jpg").read_bytes()[:2000])
    Path("in/bird/2.jpg").write_bytes(Path("in/cat/over.jpg").read_bytes())
    assert run("in", "-o", "out", "--format", "jpg", "--quality", "70") == 1
    assert sorted(path.name for path in Path("out").iterdir()) == ["cat.jpg", "dog.jpg"]
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 2
    summary, failure = told.err.splitlines()
    assert summary == "error: 1 of 3 brackets failed:"
    assert failure.startswith("  bird: Expected") and "in/bird/1.jpg" in failure


def test_second_run_does_only_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("over.jpg", "under.jpg"):
        Path("in/bird").mkdir(exist_ok=True)
        Path("in/bird", name).write_bytes(
            Path("in/cat", name).read_bytes()[: 2000 if name == "over.jpg" else None]
        )
    assert run("in", "-o", "out", "--method", "average", "--weights-out", "w") == 1
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    capsys.readouterr()
    Path("in/bird/over.jpg").write_bytes(Path("in/cat/over.jpg").read_bytes())
    assert run("in", "-o", "out", "--method", "average", "--weights-out", "w") == 0
    told = capsys.readouterr()
    assert told.err == "2 of 3 results are there already: --force fuses them again\n"
    assert told.out.startswith("out/bird.png: ") and len(told.out.splitlines()) == 1
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert run("in", "-o", "out", "--method", "average", "--weights-out", "w") == 0
    assert capsys.readouterr().err == "3 of 3 results are there already: --force fuses them again\n"
    assert run("in", "-o", "out", "--method", "average", "--weights-out", "w", "--sheet", "sheet.html") == 0
    assert (
        capsys.readouterr().out == ""
        and Path("sheet.html").read_text(encoding="utf-8").count("data:image/webp") == 9
    )
    assert run("in", "-o", "out", "--method", "average", "--weights-out", "w", "--force") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_other_pictures_in_the_way_of_a_batch_are_not_taken_for_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("out").mkdir()
    Path("out/cat.png").write_bytes(Path("in/cat/over.jpg").read_bytes())
    assert run("in", "-o", "out") == 1
    assert "Expected a new file. Got out/cat.png, which exists" in capsys.readouterr().err


def test_plan_is_printed_and_nothing_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in", "-o", "out", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "out/cat.png: in/cat/over.jpg in/cat/under.jpg",
        "out/dog.png: in/dog/over.jpg in/dog/under.jpg",
    ]
    assert not Path("out").exists()
    Path("file").touch()
    assert run("in", "-o", "file/out", "--dry-run") == 1
    assert "a folder that can be written. Got file/out: Not a directory" in capsys.readouterr().err
    assert run("in/cat", "in/dog", "-o", "out", "--dry-run", "--group", "3") == 1
    assert "multiple of 3 photographs in in/cat. Got 2" in capsys.readouterr().err


def test_earlier_result_is_no_exposure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in/cat/under.jpg", "in/cat/over.jpg", "-o", "in/cat/fused.jpg", "--method", "average") == 0
    first = capsys.readouterr().out
    assert run("in/cat/*.jpg", "-o", "again.jpg", "--method", "average") == 0
    told = capsys.readouterr()
    assert told.err == "in/cat/fused.jpg: an earlier result, left out\n"
    assert "2 exposures" in told.out and "2 exposures" in first
    assert Path("again.jpg").read_bytes() == Path("in/cat/fused.jpg").read_bytes()


def test_photographs_of_different_scenes_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(skimage.data.astronaut()[:300:2, :452:2]).save("in/other.png")
    assert run("in/cat/under.jpg", "in/other.png", "-o", "a.png") == 1
    assert "exposures of one scene. Got " in capsys.readouterr().err
    assert (
        run("in/cat/under.jpg", "in/other.png", "-o", "a.png", "--group", "off", "--method", "average") == 0
    )


def test_nothing_is_overwritten_without_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.png").write_text("precious")
    start = time.perf_counter()
    assert run("in/cat", "-o", "a.png") == 1
    assert time.perf_counter() - start < 5
    assert "a.png, which exists" in capsys.readouterr().err
    assert Path("a.png").read_text() == "precious"
    assert run("in/cat", "-o", "a.png", "--force") == 0
    assert read_image(Path("a.png")).shape == (150, 226, 3)


def test_failed_writing_leaves_no_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    assert run("in/cat", "-o", "out/a.png") == 1
    assert list(Path("out").iterdir()) == []
    assert "error: Expected a writable place for out/a.png. Got: No space left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["in/cat/under.jpg", "deep1.tif", "in/small.png", "-o", "a.png"],
            "under.jpg with 226 x 150 and in/small.png",
        ),
        (["in/cat", "-o", "a.png", "--method", "varance"], "did you mean variance"),
        (["in/cat", "-o", "a.png", "--blend", "sum"], "multiband:ycbcr"),
        (["in/cat", "-o", "a.png", "--checkpoint", "no.ckpt"], "no.ckpt"),
        (["in/cat/over.jpg", "in/noise.png", "-o", "a.png", "--align", "always"], "in/noise.png"),
        (["in/cat", "-o", "a.png", "--reference", "9"], "one of 2 exposures. Got 9"),
        (["in/cat", "-o", "a.png", "--ghosts-out", "g", "--deghost", "off"], "ghosts-out: Expected"),
    ],
    ids=str,
)
def test_refusals_are_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save("in/small.png")
    noise = np.random.default_rng(0).integers(0, 256, (150, 226, 3), dtype=np.uint8)
    Image.fromarray(noise).save("in/noise.png")
    assert run(*words) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ") and len(told.splitlines()) == 1 and message in told
    assert not Path("a.png").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.jpg", "--quality", "0"],
        ["a.jpg", "--method", "x", "--checkpoint", "y"],
        ["a.jpg", "--shadows", "1.5"],
        ["a.jpg", "--headroom", "0"],
        ["a.jpg", "--jobs", "0"],
    ],
)
def test_usage_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    assert "usage: hdr-fuse" in capsys.readouterr().err


def test_a_say_is_used_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(Path("in/cat").iterdir())
    assert run("in/cat", "-o", "plain.png", "--brightness", "0") == 0
    assert run("in/cat", "-o", "said.png", "--highlights", "-0.5", "--saturation=1") == 0
    assert ", bandnet+multiband:matched, highlights -0.5, saturation +1, " in capsys.readouterr().out
    np.testing.assert_array_equal(read_image(Path("plain.png")), fuse(files))
    expected = fuse(files, highlights=-0.5, saturation=1)
    np.testing.assert_array_equal(read_image(Path("said.png")), expected)


def test_preview_has_the_size_of_a_screen() -> None:
    Path("big").mkdir()
    for name, stops in (("a.jpg", -2), ("b.jpg", 2)):
        pixels = np.kron((255 * exposed(stops)).astype(np.uint8), np.ones((10, 10, 1), np.uint8))
        Image.fromarray(pixels).save(Path("big", name))
    assert run("big", "-o", "small.png", "--preview", "--method", "average") == 0
    assert read_image(Path("small.png")).shape == (850, 1280, 3)
    assert run("in/cat", "-o", "same.png", "--preview", "--method", "average") == 0
    assert read_image(Path("same.png")).shape == (150, 226, 3)


def test_contact_sheet_of_a_batch() -> None:
    Path("in/pig").mkdir()
    Path("in/pig/a.jpg").write_bytes(b"no image")
    Path("in/pig/b.jpg").write_bytes(b"no image")
    assert run("in", "-o", "out", "--method", "average", "--sheet", "out/sheet.html") == 1
    text = Path("out/sheet.html").read_text(encoding="utf-8")
    assert '"name":"cat"' in text and text.count("data:image/webp") == 6 and "pig/a.jpg" in text
    assert run("in/cat", "-o", "b.png", "--method", "average", "--sheet", "out/sheet.html") == 1
    assert not Path("b.png").exists()
    assert run("in/cat", "-o", "b.png", "--method", "average", "--sheet", "one.html") == 0
    assert Path("one.html").exists()


@pytest.mark.slow
def test_jobs_give_the_same_and_tell_failures_once(capfd: pytest.CaptureFixture[str]) -> None:
    Path("in/pig").mkdir()
    Path("in/pig/a.jpg").write_bytes(b"no image")
    Path("in/pig/b.jpg").write_bytes(b"no image")
    assert run("in", "-o", "one", "--method", "average") == 1
    alone = capfd.readouterr()
    assert run("in", "-o", "two", "--method", "average", "--jobs", "2") == 1
    together = capfd.readouterr()
    assert together.err == alone.err and "1 of 3 brackets failed" in alone.err
    assert sorted(line.split()[1:-2] for line in together.out.splitlines()) == sorted(
        line.split()[1:-2] for line in alone.out.splitlines()
    )
    for name in ("cat.png", "dog.png"):
        assert Path("two", name).read_bytes() == Path("one", name).read_bytes()


def test_results_for_hdr_screens_and_of_light(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("in/cat", "-o", "plain.jpg") == 0
    assert run("in/cat", "-o", "hdr.jpg", "--hdr", "--headroom", "2") == 0
    np.testing.assert_array_equal(*(read_image(Path(name)) for name in ("hdr.jpg", "plain.jpg")))
    assert b"hdrgm:GainMapMax" in Path("hdr.jpg").read_bytes()
    assert run("in", "-o", "many", "--hdr") == 0
    assert sorted(path.name for path in Path("many").iterdir()) == ["cat.jpg", "dog.jpg"]
    assert run("in", "-o", "light", "--format", "exr") == 0
    assert sorted(path.name for path in Path("light").iterdir()) == ["cat.exr", "dog.exr"]
    capsys.readouterr()
    for words in (["-o", "a.png", "--hdr"], ["-o", "a.webp", "--bits", "16"]):
        assert run("in/cat", *words) == 1
        assert capsys.readouterr().err.startswith("error: Expected ")
    assert run("in/cat/over.jpg", "-o", "a.exr") == 1
    assert "Expected a bracket to measure light from" in capsys.readouterr().err


def test_help_is_one_screen_and_everything_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    assert run("--help") == 0
    common = capsys.readouterr().out
    assert run("--help-all") == 0
    everything = capsys.readouterr().out
    assert len(common.splitlines()) <= 50
    assert "--weights-out" not in common and "--weights-out" in everything
    assert set(common.split()) <= set(everything.split())


def test_methods_are_listed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--methods") == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines[: lines.index("")]} >= {
        "average",
        "mertens",
        "adaptive",
        "variance",
    }


def test_nobody_reading_on_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = subprocess.run(
            [*COMMAND, "--methods"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (141, "")


def test_help_answers_before_anything_heavy_is_imported() -> None:
    heavy = "{'torch', 'numpy', 'cv2', 'PIL', 'rich', 'hydra'}"
    code = f"import sys, hdr_lightning.commands.fuse; sys.exit(', '.join({heavy} & sys.modules.keys()) or 0)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_pipes(here: Path) -> None:
    names = "in/cat/under.jpg\nin/cat/over.jpg\n"
    result = subprocess.run(
        [*COMMAND, "-", "-o", "-"], input=names.encode(), capture_output=True, check=False, cwd=here
    )
    assert result.returncode == 0, result.stderr
    found = np.asarray(Image.open(io.BytesIO(result.stdout)))
    np.testing.assert_array_equal(found, fuse(sorted(Path("in/cat").iterdir())))
    assert result.stderr.decode().startswith("standard output: 226x150, 2 exposures, ")


@pytest.mark.parametrize(("chosen", "found"), [(None, "passive 3000"), ("active", "active None")])
def test_how_threads_wait_is_set_unless_the_user_chose(
    chosen: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if chosen:
        monkeypatch.setenv("OMP_WAIT_POLICY", chosen)
    read = "print(os.getenv('OMP_WAIT_POLICY'), os.getenv('GOMP_SPINCOUNT'), 'torch' in sys.modules)"
    # OpenMP reads them when torch is loaded, so they have to be there before.
    command = [sys.executable, "-c", f"import hdr_lightning.commands, os, sys; {read}"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == f"{found} False"
