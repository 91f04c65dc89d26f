"""Layout `pairs`: a folder a scene with `under.*` and `over.*`; others do not matter."""

from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import (
    Scene,
    existing_root,
    folders_in,
    images_in,
    reference_in,
    scene_from,
)


def find(root: Path | None) -> list[Scene]:
    """The scenes `<root>/<scene>/{under,over}.{jpg,png,tif}`, upper or lower case.

    `reference.*` beside them is what to compare with.

    Raises:
        InputError: A folder lacks one of the two, or has one of the three twice.
    """
    top = existing_root(root, "pairs")
    return [_scene(folder, images_in(folder, top)) for folder in folders_in(top, top)]


def _scene(folder: Path, images: list[Path]) -> Scene:
    files = [file for file in images if file.stem.lower() in ("under", "over")]
    if sorted(file.stem.lower() for file in files) != ["over", "under"]:
        names = ", ".join(file.name for file in files) or "neither"
        raise InputError(f"Expected one under.* and one over.* in {folder}. Got {names}")
    return scene_from(folder, files, reference=reference_in(images))
