"""The page that shows several evaluations, a section each: every scene with its pictures in a row."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hdr_lightning.errors import InputError
from hdr_lightning.evaluation import REPORT
from hdr_lightning.evaluation.results import ResultFolder, write_text
from hdr_lightning.pages.page import data_of, page

SCRIPTS = ("table", "viewer", "scores", "side_by_side/page")
KNOWN = ("scenes", "methods", "metrics", "scores", "summaries", "pictures", "failures")
"""What is taken from a report."""
BENEATH = ("mef_ssim", "chroma_kept", "clipped", "psnr", "ciede2000", "brightness_difference")
"""The scores that stand beneath a picture; the table of a section has all."""


def show_side_by_side(folders: Sequence[Path], output: Path) -> None:
    """Write the page; pictures are those of the reports, and a link leads to each fused image at full size.

    Args:
        folders: Each the output of an evaluation.
        output: The HTML file.

    Raises:
        InputError: A folder is no evaluation, or the page cannot be written.
    """
    folders = list(dict.fromkeys(folder.resolve() for folder in folders))
    for folder in folders:
        if not (folder / REPORT).is_file():
            raise InputError(f"Expected evaluations only, or runs only. Got {folder}, which has no {REPORT}")
    common = Path(os.path.commonpath([folder.parent for folder in folders]))
    sets = [_section(folder, str(folder.relative_to(common)), output) for folder in folders]
    title = " and ".join(", ".join(each["name"] for each in sets).rsplit(", ", 1))
    write_text(output, page(f"{title}, side by side", SCRIPTS, {"sets": sets, "beneath": BENEATH}))


def _section(folder: Path, name: str, output: Path) -> dict[str, Any]:
    """What a report knows, and where the images lie, as seen from the page."""
    file = folder / REPORT
    try:
        report = data_of(file.read_text(encoding="utf-8"))
        known = {key: report[key] for key in KNOWN}
        methods = [method["name"] for method in known["methods"] if not method["published"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}: Expected a report of hdr-evaluate. Got another page; evaluate again to write it anew"
        ) from error
    images = ResultFolder(folder, methods, known["scenes"])
    files = {method: {scene: images.image(method, scene) for scene in known["scenes"]} for method in methods}
    links = {
        method: {scene: _address(image, output) for scene, image in by_scene.items() if image.is_file()}
        for method, by_scene in files.items()
    }
    return {**known, "name": name, "links": links}


def _address(file: Path, page: Path) -> str:
    return quote(os.fsencode(Path(os.path.relpath(file, page.resolve().parent)).as_posix()))
