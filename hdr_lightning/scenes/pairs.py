"""Layout ``pairs``: one folder a scene with ``under.*`` and ``over.*``; other files in it do not matter."""

from pathlib import Path

from hdr_lightning.errors import InputError
from hdr_lightning.scenes.scene import Scene, existing_root, folders_in, images_in, scene_from


def find(root: Path | None) -> list[Scene]:
    """The scenes ``<root>/<scene>/{under,over}.{jpg,png,tif}``, upper or lower case.

    Raises:
        InputError: A folder lacks one of the two, or has one of them twice.
    """
    top = existing_root(root, "pairs")
    return [scene_from(folder, _pair(folder, top)) for folder in folders_in(top, top)]


def _pair(folder: Path, root: Path) -> list[Path]:
    files = [file for file in images_in(folder, root) if file.stem.lower() in ("under", "over")]
    if sorted(file.stem.lower() for file in files) != ["over", "under"]:
        names = ", ".join(file.name for file in files) or "neither"
        raise InputError(f"Expected one under.* and one over.* in {folder}. Got {names}")
    return files
