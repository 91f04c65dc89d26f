import json
import re

import pytest
from PIL import Image

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation.scoring import evaluate
from hdr_lightning.imaging.reading import read_image


def test_folder_of_images_and_labels(settings, rows, tmp_path, elements) -> None:
    evaluate(settings("methods=[average,{name: 'ours, first', method: 'variance+multiband'}]"))
    images = tmp_path / "out" / "images" / "average"
    Image.fromarray(read_image(images / "scene_1.png")[:32]).save(images / "scene_1.png")
    (images / "scene_2.png").unlink()
    (images / "notes.txt").write_text("of no scene")
    output = tmp_path / "again"
    failures = evaluate(settings(f"methods=[{{name: elsewhere, method: {images}}}]", f"output={output}"))
    assert failures == [
        "scene_1, elsewhere: Expected an image of the size of the exposures, 80 x 64. "
        f"Got {images}/scene_1.png with 80 x 32",
        f"scene_2, elsewhere: Expected an image named scene_2 in {images}. Got none",
    ]
    before = {(row["method"], row["scene"]): row for row in rows(tmp_path / "out")}
    assert {method for method, _ in before} == {"average", "ours, first"}
    costs = {"method": "elsewhere", "outside": "", "seconds": "", "memory_mb": ""}
    assert rows(output) == [before["average", f"scene_{n}"] | costs for n in (0, *range(3, 8))]
    page = json.loads(elements((output / "report.html").read_text(encoding="utf-8")).data)
    assert page["methods"] == [{"name": "elsewhere", "published": False, "seconds": None, "memory": None}]


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ("[{name: a}]", "Expected methods, or {name: LABEL, method: METHOD}. Got {'name': 'a'}"),
        ("[[average]]", "Expected methods, or {name: LABEL, method: METHOD}. Got ['average']"),
        ("[average,{name: average, method: variance}]", "each once. Got ['average', 'average']"),
        ("[{name: a, method: avrage}]", "did you mean average"),
        ("[FOLDER]", "Expected an image named scene_0 or like another scene in FOLDER. Got none"),
        ("[TWICE]", "Expected one image a scene in TWICE. Got scene_0.jpg and scene_0.png"),
    ],
)
def test_bad_entrants_are_named(settings, tmp_path, methods, message) -> None:
    for name in ("scene_0.jpg", "scene_0.png"):
        (tmp_path / "TWICE" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "TWICE" / name).write_bytes(b"")
    (tmp_path / "FOLDER").mkdir()
    for folder in ("TWICE", "FOLDER"):
        methods, message = (text.replace(folder, str(tmp_path / folder)) for text in (methods, message))
    with pytest.raises(InputError, match=re.escape(message)):
        evaluate(settings(f"methods={methods}"))
