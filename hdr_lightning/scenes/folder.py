"""Layout `folder`: one folder a scene, any number of exposures in it, under any names."""

from pathlib import Path

from hdr_lightning.scenes.scene import (
    Scene,
    existing_root,
    folders_in,
    images_in,
    is_reference,
    reference_in,
    scene_from,
)


def find(root: Path | None) -> list[Scene]:
    """The scenes `<root>/<scene>/<any>.{jpg,png,tif}`; `reference.*` is what to compare with.

    Raises:
        InputError: A scene folder holds fewer than two exposures, or two references.
    """
    top = existing_root(root, "folder")
    return [_scene(folder, images_in(folder, top)) for folder in folders_in(top, top)]


def _scene(folder: Path, files: list[Path]) -> Scene:
    exposures = [file for file in files if not is_reference(file)]
    return scene_from(folder, exposures, reference=reference_in(files))
