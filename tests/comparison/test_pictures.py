from collections.abc import Callable
from pathlib import Path

from PIL import Image

from hdr_lightning.comparison.pictures import choose, find_pictures
from hdr_lightning.runs.reading import find_runs

WriteRun = Callable[..., Path]
WritePictures = Callable[..., None]


def test_run_under_way_shows_its_last_panels(write_run: WriteRun, sweep: Path) -> None:
    run = write_run("1", state="running")
    for epoch in (0, 3):
        (run / "images" / f"epoch_{epoch:04d}").mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(run / "images" / f"epoch_{epoch:04d}" / "v.png")
    files = find_pictures(find_runs([sweep])[0])
    assert files["v (validation)"]["all of it, last epoch"][0].parent.name == "epoch_0003"


def test_too_many_pictures_leave_out_scenes_and_then_the_worst_runs(
    write_pictures: WritePictures, write_run: WriteRun, sweep: Path
) -> None:
    for name, score in (("1", 0.5), ("2", 0.9), ("3", 0.7)):
        folder = write_run(name, curve=(score,))
        for scene in ("s", "t"):
            write_pictures(folder, scene, "fused", "weight_1")
    runs, _ = find_runs([sweep])
    files = find_pictures(runs)
    assert list(choose(files, runs, 12)) == ["s", "t"]
    assert list(choose(files, runs, 11)) == ["s"]
    assert choose(files, runs, 4)["s"]["fused"].keys() == {1, 2}
